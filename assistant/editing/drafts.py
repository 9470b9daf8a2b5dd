"""Drafts: edits that are kept but not published, each saved against what its editor had seen."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from assistant.editing.errors import ConflictError, EditError
from assistant.editing.ledger import Ledger, note
from assistant.editing.records import (
    Draft,
    Opened,
    article_target,
    body_of,
    digest_of,
    entry_of,
    entry_target,
)
from assistant.editing.shelf import Published, Shelf
from kb.faq import entry_from
from kb.records import FaqEntry

_COLUMNS = "target, body, base, author, at, origin, number"
_LATEST = f"SELECT {_COLUMNS} FROM revisions WHERE number IN (SELECT max(number) FROM revisions GROUP BY target)"  # noqa: S608
# Whoever changes a draft adds to the log in the same transaction, and no number is used twice.
_STATE = "SELECT count(*), max(number), (SELECT max(number) FROM log) FROM revisions"


class Drafts:
    """The shared desk of all editors.

    Args:
        ledger: where drafts are kept.
        shelf: what is published.
        clock: seconds since 1970.
    """

    def __init__(self, ledger: Ledger, shelf: Shelf, clock: Callable[[], float] = time.time) -> None:
        self._ledger = ledger
        self._shelf = shelf
        self._clock = clock
        self._known: tuple[object, tuple[Draft, ...]] = (None, ())

    def all(self) -> tuple[Draft, ...]:
        """Every draft in its newest form, the latest saved first; read again only when one was saved or has gone."""
        with self._ledger.reading() as connection:
            seen = connection.execute(_STATE).fetchone()
            if seen != self._known[0]:
                rows = connection.execute(f"{_LATEST} ORDER BY number DESC")
                self._known = (seen, tuple(_draft(row) for row in rows))
            return self._known[1]

    def open(self, entry_id: str) -> Opened:
        """Give an entry for editing; an id that nobody has used yet opens an empty sheet."""
        with self._ledger.reading() as connection:
            return _opened(connection, self._shelf.now(), entry_id)

    def save(self, entry: FaqEntry, token: str, author: str, origin: str = "edit") -> Draft | None:
        """Keep an entry as a draft.

        Args:
            entry: as it shall be; equal to what is published, it ends the draft.
            token: of :meth:`open`, for what the editor had seen.
            author: who saves.
            origin: where the draft came from.

        Returns:
            The draft, None where nothing differs from what is published any more.

        Raises:
            ConflictError: the draft or the published entry has changed since; theirs stays as it is.
            EditError: the entry's id is an article's.
            CorpusError: the entry breaks a rule of the corpus.
        """
        published = self._shelf.now()
        whole = entry_from(body_of(entry), f"「{entry.id}」")
        if any(document.id == entry.id for document in published.articles.values()):
            raise EditError(f"{entry.id} is an article", user_message=f"编号「{entry.id}」是一篇文章的，请换一个。")
        with self._ledger.writing() as connection:
            seen = _opened(connection, published, entry.id)
            if seen.token != token:
                raise _conflict(entry.id, seen)
            if whole == seen.published:
                self._drop(connection, entry_target(entry.id), author, "draft-same")
                return None
            before = body_of(seen.entry) if seen.entry else None
            self._add(connection, entry_target(entry.id), body_of(whole), digest_of(seen.published), author, origin)
            note(
                connection, self._clock(), author, "draft", entry_target(entry.id), before=before, after=body_of(whole)
            )
            return _latest(connection, entry_target(entry.id))

    def save_many(self, entries: Iterable[FaqEntry], author: str, origin: str) -> int:
        """Keep many entries as drafts in one go, over whatever draft each has; return how many differ from before.

        Undo takes each back by itself.
        """
        published = self._shelf.now()
        with self._ledger.writing() as connection:
            known = {draft.target: draft.entry for draft in map(_draft, connection.execute(_LATEST))}
            count = 0
            for entry in entries:
                target, old = entry_target(entry.id), published.entries.get(entry.id)
                if entry != known.get(target, old):
                    self._add(connection, target, body_of(entry), digest_of(old), author, origin)
                    count += 1
            note(connection, self._clock(), author, "draft-many", origin, count=count)
        return count

    def save_article(self, name: str, text: str, author: str, origin: str = "import") -> None:
        """Keep an article's file as a draft, over whatever draft it has."""
        target, base = article_target(name), digest_of(self._shelf.now().texts.get(name))
        with self._ledger.writing() as connection:
            self._add(connection, target, {"text": text}, base, author, origin)
            note(connection, self._clock(), author, "draft", target, characters=len(text))

    def undo(self, target: str, author: str) -> Draft | None:
        """Take the last save of a draft back; return what is left of it.

        Raises:
            EditError: there is no draft.
        """
        with self._ledger.writing() as connection:
            latest = _latest(connection, target)
            if latest is None:
                raise EditError(f"no draft {target}", user_message="这条没有草稿，可能已经发布或被撤销了，请刷新页面。")
            connection.execute("DELETE FROM revisions WHERE number = ?", (latest.number,))
            note(connection, self._clock(), author, "draft-undo", target)
            return _latest(connection, target)

    def discard(self, target: str, author: str) -> None:
        """Throw a draft away with all its saves; what is published stays."""
        with self._ledger.writing() as connection:
            self._drop(connection, target, author, "draft-discard")

    def discard_all(self, author: str) -> int:
        """Throw every draft away; return how many."""
        with self._ledger.writing() as connection:
            count = connection.execute("SELECT count(DISTINCT target) FROM revisions").fetchone()[0]
            connection.execute("DELETE FROM revisions")
            note(connection, self._clock(), author, "draft-discard-all", "", count=count)
            return int(count)

    def _add(
        self,
        connection: sqlite3.Connection,
        target: str,
        body: Mapping[str, object],
        base: str,
        author: str,
        origin: str,
    ) -> None:
        connection.execute(
            "INSERT INTO revisions (target, body, base, author, at, origin) VALUES (?, ?, ?, ?, ?, ?)",
            (target, json.dumps(body, ensure_ascii=False), base, author, self._clock(), origin),
        )

    def _drop(self, connection: sqlite3.Connection, target: str, author: str, action: str) -> None:
        if connection.execute("DELETE FROM revisions WHERE target = ?", (target,)).rowcount:
            note(connection, self._clock(), author, action, target)


def settle(connection: sqlite3.Connection, upto: int, published: Mapping[str, str]) -> None:
    """End the drafts that a publication has made true; what was saved after it stays, now based on what is published.

    Args:
        connection: of the publication's transaction.
        upto: number of the last revision that was published.
        published: target → digest of what is published now.
    """
    connection.execute("DELETE FROM revisions WHERE number <= ?", (upto,))
    for (target,) in connection.execute("SELECT DISTINCT target FROM revisions").fetchall():
        if target in published:
            connection.execute("UPDATE revisions SET base = ? WHERE target = ?", (published[target], target))


def _opened(connection: sqlite3.Connection, published: Published, entry_id: str) -> Opened:
    draft = _latest(connection, entry_target(entry_id))
    old = published.entries.get(entry_id)
    token = f"{draft.number if draft else 0}:{digest_of(old)}"
    return Opened(draft.entry if draft else old, old, draft, token)


def _latest(connection: sqlite3.Connection, target: str) -> Draft | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM revisions WHERE target = ? ORDER BY number DESC LIMIT 1",  # noqa: S608 - fixed text
        (target,),
    ).fetchone()
    return _draft(row) if row else None


def _draft(row: tuple[str, str, str, str, float, str, int]) -> Draft:
    target, body, base, author, at, origin, number = row
    is_entry = target.startswith(entry_target(""))
    entry, text = (entry_of(body), "") if is_entry else (None, str(json.loads(body)["text"]))
    return Draft(target, entry, text, base, author, at, origin, number)


def _conflict(entry_id: str, seen: Opened) -> ConflictError:
    if seen.draft is None:
        who = "知识库里的这一条刚刚变了（有人发布、导入或撤销了草稿）"
    else:
        at = datetime.fromtimestamp(seen.draft.at).astimezone()
        who = f"{seen.draft.author} 在 {at:%H:%M:%S} 也改了这一条"
    return ConflictError(
        f"{entry_id} has changed",
        user_message=f"没有保存：{who}。您的修改还在页面上，请先复制出来，重新打开「{entry_id}」看过再改。",
    )
