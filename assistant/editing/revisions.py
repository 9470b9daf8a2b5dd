"""The table of revisions: every save of a draft is a row, the newest row of a target is the draft."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from assistant.editing.records import Draft, entry_of, entry_target

_COLUMNS = "target, body, base, author, at, origin, number"
_NEWEST = "SELECT max(number) FROM revisions GROUP BY target"
# Whoever changes a draft, or publishes beneath it, adds to the log in the same transaction.
_STATE = "SELECT count(*), max(number), (SELECT max(number) FROM log) FROM revisions"
# A deletion stands under this key, with what is deleted.
_GONE = "gone"


class Saved(NamedTuple):
    """A row to be written; see :class:`assistant.editing.records.Draft`."""

    target: str
    body: Mapping[str, object]
    base: str
    author: str
    at: float
    origin: str


def deletion_of(body: Mapping[str, object]) -> Mapping[str, object]:
    """Make the body of a revision that deletes what has this body."""
    return {_GONE: body}


def state(connection: sqlite3.Connection) -> object:
    """Something that is equal as long as no draft was saved, has gone or rests on another base."""
    return connection.execute(_STATE).fetchone()


def every(connection: sqlite3.Connection, known: Iterable[Draft]) -> tuple[Draft, ...]:
    """Read every draft in its newest form, the latest saved first; those in ``known`` are not read again.

    A publication leaves a later draft its number and gives it another base: that one is read again.
    """
    kept = {(draft.number, draft.base): draft for draft in known}
    newest = connection.execute(f"SELECT number, base FROM revisions WHERE number IN ({_NEWEST}) ORDER BY 1 DESC")  # noqa: S608
    heads = newest.fetchall()
    fresh = {draft.number: draft for draft in _read(connection, [head[0] for head in heads if head not in kept])}
    return tuple(kept.get(head) or fresh[head[0]] for head in heads)


def latest(connection: sqlite3.Connection, target: str) -> Draft | None:
    """Read the draft of a target."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM revisions WHERE target = ? ORDER BY number DESC LIMIT 1",  # noqa: S608 - fixed text
        (target,),
    ).fetchone()
    return _draft(row) if row else None


def add(connection: sqlite3.Connection, *rows: Saved) -> None:
    """Write saves."""
    connection.executemany(
        "INSERT INTO revisions (target, body, base, author, at, origin) VALUES (?, ?, ?, ?, ?, ?)",
        (row._replace(body=json.dumps(row.body, ensure_ascii=False)) for row in rows),  # type: ignore[arg-type]
    )


def drop(connection: sqlite3.Connection, target: str) -> bool:
    """Throw all saves of a target away; tell whether there were any."""
    return connection.execute("DELETE FROM revisions WHERE target = ?", (target,)).rowcount > 0


def settle(connection: sqlite3.Connection, upto: int, published: Mapping[str, str]) -> None:
    """End the drafts that a publication has made true; what was saved after it stays, now based on what is published.

    Args:
        connection: of the publication's transaction.
        upto: number of the last revision that was published.
        published: target → digest of what is published now.
    """
    connection.execute("DELETE FROM revisions WHERE number <= ?", (upto,))
    for (target,) in connection.execute("SELECT DISTINCT target FROM revisions").fetchall():
        connection.execute("UPDATE revisions SET base = ? WHERE target = ?", (published.get(target, ""), target))


def _read(connection: sqlite3.Connection, wanted: list[int]) -> Iterable[Draft]:
    """Read rows by number; all newest ones at once where there are many, for SQL takes only so many values."""
    if len(wanted) == 1:
        where, values = "= ?", wanted
    else:
        where, values = f"IN ({_NEWEST})", []
    rows = connection.execute(f"SELECT {_COLUMNS} FROM revisions WHERE number {where}", values) if wanted else ()  # noqa: S608
    chosen = frozenset(wanted)
    return [_draft(row) for row in rows if row[-1] in chosen]


def _draft(row: tuple[str, str, str, str, float, str, int]) -> Draft:
    target, text, base, author, at, origin, number = row
    body = json.loads(text)
    gone = _GONE in body
    kept = body[_GONE] if gone else body
    is_entry = target.startswith(entry_target(""))
    entry, article = (entry_of(kept), "") if is_entry else (None, str(kept["text"]))
    return Draft(target, entry, article, base, author, at, origin, number, gone)
