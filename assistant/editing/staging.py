"""A copy of the corpus with the drafts in it, to be built and proven before the corpus itself is touched."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.editing.errors import ConflictError, EditError
from assistant.editing.records import Draft, article_target, digest_of, entry_target
from assistant.editing.shelf import Published
from kb.corpus import source_files
from kb.exchange.faq_files import read_faq_files
from kb.exchange.importing import edited_texts
from kb.lint import POLICY

_NEW_FILE = "added.yaml"
# What no build reads, but the lint does.
_BESIDE = (POLICY, "questions/*.jsonl")


@contextmanager
def staged(corpus: Path, drafts: Sequence[Draft], folder: Path) -> Iterator[Path]:
    """Give a corpus folder with the drafts applied; it is gone afterwards.

    Args:
        corpus: the published corpus, which is only read.
        drafts: what to put in; see :func:`outdated` for those that cannot be.
        folder: where there is room for it.

    Raises:
        CorpusError: a FAQ file does not parse.
        EditError: the disk does not take the copy.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".staged-", dir=folder))
        try:
            for path in (*source_files(corpus), *(path for name in _BESIDE for path in corpus.glob(name))):
                _put(place / path.relative_to(corpus), path.read_bytes())
            for path, text in _texts(place, drafts).items():
                _put(path, text.encode())
            for draft in drafts:
                if draft.gone and draft.entry is None:
                    _article_path(place, draft).unlink(missing_ok=True)
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
    except OSError as error:
        raise EditError(
            f"cannot stage {corpus}: {error}",
            user_message=f"没有空间或权限准备新版本（{error.strerror}），知识库没有变。请检查磁盘后重试。",
        ) from error


def published_digests(published: Published) -> Mapping[str, str]:
    """Target → digest of everything that is published."""
    entries = {entry_target(name): digest_of(entry) for name, entry in published.entries.items()}
    return entries | {article_target(name): digest_of(text) for name, text in published.texts.items()}


def outdated(drafts: Sequence[Draft], published: Published) -> tuple[Draft, ...]:
    """Drafts whose published base has changed since: publishing them would overwrite somebody's work unseen."""
    now = published_digests(published)
    return tuple(draft for draft in drafts if draft.base != now.get(draft.target, ""))


def refuse_outdated(drafts: Sequence[Draft], published: Published) -> None:
    """Let no draft be published over a change that its author has not seen.

    Raises:
        ConflictError: names the drafts to look at.
    """
    old = [draft.name for draft in outdated(drafts, published)]
    if old:
        raise ConflictError(
            f"drafts out of date: {old}",
            user_message=f"这些草稿改的是旧内容，知识库里的原文后来又变了：{'、'.join(old[:10])}。"
            "请逐条打开，看过现在的内容后重新保存，或撤销草稿。",
        )


def refuse_unfinished(drafts: Sequence[Draft]) -> None:
    """Let no entry without an answer be published.

    Raises:
        EditError: names the drafts that lack it.
    """
    entries = [draft.becomes for draft in drafts if draft.becomes is not None]
    empty = [entry for entry in entries if entry.enabled and not entry.answer.short]
    if empty:
        named = "、".join(f"「{entry.question}」" for entry in empty[:10])
        raise EditError(
            f"drafts without an answer: {len(empty)}",
            user_message=f"这些草稿还没有写答案：{named}。请写好答案，或先停用、撤销它们。",
        )


def _texts(corpus: Path, drafts: Sequence[Draft]) -> dict[Path, str]:
    files = read_faq_files(corpus)
    known = {entry.id for file in files for entry in file.entries}
    entries = [draft.becomes for draft in drafts if draft.becomes is not None]
    removed = {draft.name for draft in drafts if draft.gone and draft.entry is not None}
    changed = {entry.id: entry for entry in entries if entry.id in known}
    added = [entry for entry in reversed(entries) if entry.id not in known]
    texts = edited_texts(files, changed, added, corpus / "faq" / _NEW_FILE, removed)
    articles = {_article_path(corpus, draft): draft.text for draft in drafts if draft.entry is None and not draft.gone}
    return texts | articles


def _article_path(corpus: Path, draft: Draft) -> Path:
    """Find where an article lies; its name is one file name, whatever a page has sent."""
    return corpus / "articles" / Path(draft.name).name


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
