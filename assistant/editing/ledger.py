"""One SQLite file beside the index: drafts, marks of staff, handoffs, the proof of a publication, and who did what.

sqlite3 is imported here and nowhere else; other modules get a connection inside a transaction.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from assistant.editing.errors import EditError

_BUSY_SECONDS = 10.0
_SCHEMA = 1
_TABLES = """
CREATE TABLE revisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, body TEXT NOT NULL, base TEXT NOT NULL,
    author TEXT NOT NULL, at REAL NOT NULL, origin TEXT NOT NULL);
CREATE INDEX revisions_target ON revisions (target, number);
CREATE TABLE log (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, author TEXT NOT NULL, action TEXT NOT NULL,
    target TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX log_target ON log (target, number);
CREATE TABLE candidate (
    version TEXT PRIMARY KEY, base_version TEXT NOT NULL, base_digest TEXT NOT NULL, upto INTEGER NOT NULL,
    author TEXT NOT NULL, at REAL NOT NULL, proof TEXT NOT NULL);
CREATE TABLE switching (version TEXT PRIMARY KEY, action TEXT NOT NULL, author TEXT NOT NULL, upto INTEGER NOT NULL);
CREATE TABLE marks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, author TEXT NOT NULL, question TEXT NOT NULL,
    entry TEXT NOT NULL);
CREATE TABLE handoffs (
    turn INTEGER PRIMARY KEY, state TEXT NOT NULL, owner TEXT NOT NULL, at REAL NOT NULL, note TEXT NOT NULL);
CREATE TABLE dismissed (key TEXT PRIMARY KEY, author TEXT NOT NULL, at REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the audit log: who did what to which target, with plain JSON data about it."""

    number: int
    at: float
    author: str
    action: str
    target: str
    detail: Mapping[str, object]


class Ledger:
    """Opens the file for one transaction at a time; safe to share between threads and processes.

    Args:
        path: made, readable by its owner only, when it is first used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._made = False

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that holds the one write lock; all of the block is kept, or nothing.

        Raises:
            EditError: the file cannot be opened or written, or another writer holds it for too long.
        """
        with self._connection("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the file.

        Raises:
            EditError: the file cannot be opened or read.
        """
        with self._connection("BEGIN") as connection:
            yield connection

    def log(self, *, target: str | None = None, limit: int = 200) -> tuple[Logged, ...]:
        """Who changed what, newest first; of one target where it is given."""
        where, values = ("WHERE target = ?", (target, limit)) if target else ("", (limit,))
        with self.reading() as connection:
            rows = connection.execute(
                f"SELECT number, at, author, action, target, detail FROM log {where} ORDER BY number DESC LIMIT ?",  # noqa: S608 - fixed text
                values,
            ).fetchall()
        return tuple(Logged(row[0], row[1], row[2], row[3], row[4], json.loads(row[5])) for row in rows)

    @contextmanager
    def _connection(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._open()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.close()  # takes back what was not committed
        except (sqlite3.Error, OSError) as error:
            raise EditError(
                f"cannot use {self._path}: {error}",
                user_message=f"编辑记录 {self._path.name} 读写不了（{error}），请检查磁盘空间和权限后重试。",
            ) from error

    def _open(self) -> sqlite3.Connection:
        if not self._made:
            with self._lock:
                self._make()
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous=FULL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _make(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # SQLite does not wait when it changes the journal mode: one maker at a time, of all processes.
        with FileLock(self._path.with_name(f"{self._path.name}.lock"), timeout=_BUSY_SECONDS, mode=0o600):
            self._make_alone()
        self._made = True

    def _make_alone(self) -> None:
        self._path.touch(mode=0o600, exist_ok=True)
        connection = self._connect()
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("PRAGMA user_version").fetchone()[0] < _SCHEMA:
                for statement in _TABLES.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={_SCHEMA}")
            connection.execute("COMMIT")
        finally:
            connection.close()


def note(connection: sqlite3.Connection, at: float, author: str, action: str, target: str, **detail: object) -> None:
    """Add a line to the audit log, in the transaction of what it tells of."""
    connection.execute(
        "INSERT INTO log (at, author, action, target, detail) VALUES (?, ?, ?, ?, ?)",
        (at, author, action, target, json.dumps(detail, ensure_ascii=False, default=str)),
    )
