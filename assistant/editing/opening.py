"""What an editor has seen of an entry or an article, and whether it is still so when saving."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from assistant.editing.errors import ConflictError, EditError
from assistant.editing.records import Draft, Opened, OpenedArticle, article_target, digest_of, entry_target
from assistant.editing.revisions import latest
from assistant.editing.shelf import Published
from kb.records import FaqEntry

_FILE_NAME = re.compile(r"\w[\w.-]{0,95}\.(md|txt)")


def opened(connection: sqlite3.Connection, published: Published, entry_id: str) -> Opened:
    """Put an entry on the screen."""
    draft, old = latest(connection, entry_target(entry_id)), published.entries.get(entry_id)
    return Opened(draft.entry if draft else old, old, draft, _token(draft, old))


def opened_article(connection: sqlite3.Connection, published: Published, name: str) -> OpenedArticle:
    """Put an article on the screen."""
    draft, old = latest(connection, article_target(name)), published.texts.get(name, "")
    return OpenedArticle(name, draft.text if draft else old, old, draft, _token(draft, old))


def refuse_stale(seen: Opened | OpenedArticle, token: str, name: str) -> None:
    """Let nobody save over what they have not seen.

    Raises:
        ConflictError: says who was quicker.
    """
    if seen.token == token:
        return
    if seen.draft is None:
        who = "知识库里的这一条刚刚变了（有人发布、导入或撤销了草稿）"
    else:
        at = datetime.fromtimestamp(seen.draft.at).astimezone()
        who = f"{seen.draft.author} 在 {at:%H:%M:%S} 也改了这一条"
    raise ConflictError(
        f"{name} has changed",
        user_message=f"没有保存：{who}。您的修改还在页面上，请先复制出来，重新打开「{name}」看过再改。",
    )


def refuse_newer(drafts: Iterable[Draft], upto: int | None) -> None:
    """Let nobody save many over a draft that came after they had looked.

    Raises:
        ConflictError: names the drafts.
    """
    newer = [draft for draft in drafts if upto is not None and draft.number > upto]
    if newer:
        raise ConflictError(
            f"saved meanwhile: {len(newer)}",
            user_message=f"没有放入草稿：{newer[0].author} 刚刚也改了"
            f"{'、'.join(f'「{draft.name}」' for draft in newer[:5])}。请重新选择文件，看过预览再放入。",
        )


def refuse_name(name: str, published: Published) -> None:
    """Let a new article's file lie in the articles' folder and nowhere else.

    Raises:
        EditError: the name is no plain file name, or of a kind that is not read.
    """
    if name not in published.texts and not _FILE_NAME.fullmatch(name):
        raise EditError(
            f"bad file name {name!r}",
            user_message="文章的文件名只用汉字、字母、数字、- 和 _，以 .md 或 .txt 结尾，不超过 100 个字。",
        )


def refuse_taken(article_id: str, name: str, published: Published) -> None:
    """Let no article take an id that another article or an entry has.

    Raises:
        EditError: names the id.
    """
    others = {document.id for file, document in published.articles.items() if file != name}
    if article_id in published.entries or article_id in others:
        raise EditError(f"{article_id} is taken", user_message=f"编号「{article_id}」已经用过，请在文章开头换一个 id。")


def _token(draft: Draft | None, published: FaqEntry | str | None) -> str:
    return f"{draft.number if draft else 0}:{digest_of(published)}"
