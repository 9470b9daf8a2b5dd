"""The SQLite file of accounts and logins."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kb.errors import StoreError

_BUSY_SECONDS = 5.0
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS logins (digest TEXT PRIMARY KEY, until REAL NOT NULL, seen REAL NOT NULL,"
    " name TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE)",
    "CREATE TABLE IF NOT EXISTS devices (digest TEXT PRIMARY KEY, until REAL NOT NULL,"
    " name TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE)",
)


@contextmanager
def connected(path: Path, *, writes: bool) -> Iterator[sqlite3.Connection]:
    """Open the file, made if missing, for one transaction.

    Raises:
        StoreError: the file cannot be made, read or written.

    """
    try:
        _make(path)
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            yield connection
            connection.execute("COMMIT")  # closing without it undoes what an error left half done
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"accounts in {path}: {error}", user_message=f"账号文件 {path} 读写不了，请检查磁盘空间和文件权限。"
        ) from error


def _make(path: Path) -> None:
    """Make the file for its owner alone before anything is written into it."""
    if path.exists() and path.stat().st_size:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA:
            connection.execute(statement)
