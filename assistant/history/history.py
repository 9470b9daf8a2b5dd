"""Who asked what and what came of it: kept masked, for a limited time, and never in a reply's way."""

from __future__ import annotations

import hashlib
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import SQLAlchemyError

from assistant.history import queries
from assistant.history.database import (
    WRITES,
    Identity,
    checkpoint,
    disown_journals,
    file_identity,
    journal_identities,
    open_engine,
    starting,
)
from assistant.history.errors import HistoryError
from assistant.history.migrations import migrate
from assistant.history.records import Turn
from assistant.history.tables import conversations, schema, turns
from assistant.mask import mask
from assistant.records import Answer
from kb.errors import UsageError

_DAY = 86_400.0
_LONGEST = 2_000
_LAST_ID = 2**31 - 1
# After a failed start the database is left alone for a moment, so that no reply waits for it again and again.
_PAUSE_SECONDS = 5.0


class History:
    """The conversation history behind a database URL; safe to share between threads.

    Nothing is opened before the first call: a database that is down does not keep the assistant from starting, and is
    tried again later. Every method raises HistoryError when the database fails; :attr:`problem` shows it until a call
    succeeds again.

    Args:
        url: SQLAlchemy URL; see :func:`assistant.history.sqlite_url`.
        retention_days: turns older than this are removed by :meth:`purge`; at least 1.
        clock: wall clock in seconds since 1970.

    Raises:
        HistoryError: the URL is malformed or its driver is missing.
        UsageError: retention_days is below 1.

    """

    def __init__(self, url: str, *, retention_days: int, clock: Callable[[], float] = time.time) -> None:
        if retention_days < 1:
            raise UsageError(f"retention_days {retention_days}", user_message="会话历史的保留天数至少为 1。")
        self._engine = open_engine(url)
        weakref.finalize(self, self._engine.dispose)  # who drops a history leaves no connection open
        self._retention = retention_days * _DAY
        self._clock = clock
        self._opening = threading.Lock()
        self._opened = False
        self._file: Identity | None = None
        self._journals: frozenset[Identity] = frozenset()
        self._retry_at = 0.0
        self.problem = ""

    def record_turn(
        self,
        visitor: str,
        conversation: str,
        question: str,
        answer: Answer,
        *,
        at: float,
        latency_ms: float,
        version: str = "",
    ) -> int:
        """Keep one turn and return its id. The question is masked before it is written."""
        with self._transaction() as connection:
            row = queries.conversation_id(connection, pseudonym(visitor), pseudonym(conversation), at)
            statement = insert(turns).values(
                conversation_id=row,
                at=at,
                question=_clean(question),
                decision=answer.decision,
                entries=list(answer.entries),
                probability=float(answer.confidence),
                latency_ms=float(latency_ms),
                version=version[:64],
            )
            key = connection.execute(statement).inserted_primary_key
        return int(key[0]) if key else 0

    def feedback(self, turn_id: int, value: int, reason: str = "", *, visitor: str | None = None) -> None:
        """Rate a turn: 1 helped, -1 did not; a second rating replaces the first.

        Args:
            turn_id: from :meth:`record_turn`.
            value: 1 or -1.
            reason: free text, masked before it is written.
            visitor: where given, the turn must be this visitor's own.

        Raises:
            UsageError: another value, or no such turn (of this visitor).

        """
        if value not in (1, -1):
            raise UsageError(f"feedback value {value}", user_message="评价只能是“有帮助”（1）或“没帮助”（-1）。")
        with self._transaction() as connection:
            owner = queries.owner_of(connection, turn_id) if 0 < turn_id <= _LAST_ID else None
            if owner is None or (visitor is not None and owner != pseudonym(visitor)):
                raise UsageError(f"no turn {turn_id}", user_message="找不到要评价的这条回答，它可能已被清除。")
            queries.put_feedback(connection, turn_id, value, _clean(reason), self._clock())

    def recent(self, limit: int = 100) -> list[Turn]:
        """Give the newest turns, newest first."""
        with self._transaction(writes=False) as connection:
            return queries.turn_rows(connection, limit=max(0, limit))

    def since(self, at: float, limit: int = 50_000) -> list[Turn]:
        """Give turns since a time, newest first."""
        with self._transaction(writes=False) as connection:
            return queries.turn_rows(connection, turns.c.at >= at, limit=max(0, limit))

    def export_visitor(self, visitor: str) -> Mapping[str, object]:
        """Give all that is kept about a visitor (id or pseudonym) as plain JSON data."""
        with self._transaction(writes=False) as connection:
            mine = queries.turn_rows(connection, conversations.c.visitor.in_(_names(visitor)))
        return {"visitor": visitor, "turns": [turn.to_json() for turn in mine]}

    def erase_visitor(self, visitor: str) -> int:
        """Delete all that is kept about a visitor (id or pseudonym); return the number of turns."""
        with self._transaction() as connection:
            count = queries.delete_visitor(connection, _names(visitor))
        self._scrub()
        return count

    def purge(self, now: float) -> int:
        """Delete turns older than the retention time; return their number."""
        with self._transaction() as connection:
            count = queries.delete_before(connection, now - self._retention)
        self._scrub()
        return count

    def check(self) -> str:
        """Try the database; say in Chinese what is wrong with it, "" if nothing is."""
        try:
            with self._transaction(writes=False) as connection:
                connection.execute(select(schema.c.number))
        except HistoryError as error:
            return error.user_message
        return ""

    def close(self) -> None:
        """Close all connections; a later call opens them again."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool = True) -> Iterator[Connection]:
        with self._mapped():
            engine = self._open()
            with engine.connect().execution_options(**{WRITES: writes}) as connection, connection.begin():
                yield connection
            journals = journal_identities(engine)
            if file_identity(engine) == self._file:
                self._journals = journals
        self.problem = ""

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            failure = HistoryError(f"history database failed: {error}")
            self.problem = failure.user_message
            raise failure from error
        except HistoryError as error:
            self.problem = error.user_message
            raise

    def _open(self) -> Engine:
        """Give the engine with its schema in place; a file that was deleted or replaced is opened anew."""
        with self._opening:
            if self._opened and file_identity(self._engine) != self._file:
                disown_journals(self._engine, self._journals)
                self._engine.dispose()
                self._opened = False
            if not self._opened:
                self._start()
                self._opened = True
        return self._engine

    def _start(self) -> None:
        if time.monotonic() < self._retry_at:
            failed = "history database failed a moment ago"
            raise HistoryError(failed, user_message=self.problem) if self.problem else HistoryError(failed)
        self._retry_at = time.monotonic() + _PAUSE_SECONDS
        with starting(self._engine):
            with self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
                migrate(connection)
        self._file = file_identity(self._engine)
        self._retry_at = 0.0

    def _scrub(self) -> None:
        with self._mapped():
            checkpoint(self._engine)


def pseudonym(name: str) -> str:
    """Stand in for an id: ids are bearer tokens, and a copy of the database must not give them away."""
    return "p:" + hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _names(visitor: str) -> list[str]:
    """Find what a visitor is stored as, whether named by the caller or by :class:`Turn`."""
    return [pseudonym(visitor), visitor] if visitor.startswith("p:") else [pseudonym(visitor)]


def _clean(text: str) -> str:
    """Masked text that every database takes: no lone surrogates, no NUL, not too long."""
    return mask(text).encode("utf-8", "replace").decode("utf-8").replace("\0", "")[:_LONGEST]
