"""The engine behind the history: SQLite made safe for many threads and processes, any other URL as it comes."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from assistant.history.errors import HistoryError

# A reply waits for its record: better a lost record than a person waiting.
_BUSY_SECONDS = 2.0
WRITES = "zhida_writes"
Identity = tuple[int, int]
_PRAGMAS = (
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is erased is overwritten, not just unlinked
)


def sqlite_url(path: Path) -> str:
    """URL of a SQLite file."""
    return URL.create("sqlite", database=str(path.absolute())).render_as_string(hide_password=False)


def open_engine(url: str) -> Engine:
    """Make the engine; connects to nothing yet.

    Raises:
        HistoryError: the URL is malformed or its driver is not installed.

    """
    try:
        parsed = make_url(url)
        engine = create_engine(parsed, hide_parameters=True, **_pool(parsed))
    except (SQLAlchemyError, ImportError, TypeError, ValueError) as error:
        # The URL may carry a password: name neither it nor the error's text.
        raise HistoryError(
            f"cannot use the history URL: {type(error).__name__}",
            user_message="历史数据库的地址不对，或没有安装它的驱动（例如 PostgreSQL 需要 pip install psycopg）。",
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


@contextmanager
def starting(engine: Engine) -> Iterator[None]:
    """Let one process at a time set a SQLite file up, and make it readable by its owner only.

    Switching to WAL does not wait for others as SQLite's other locks do. Journal files inherit the file's mode.

    Raises:
        OSError: the folder or file cannot be made, or another process does not finish.

    """
    if not _on_disk(engine):
        yield
        return
    path = Path(str(engine.url.database))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(path.with_name(f"{path.name}.lock"), timeout=_BUSY_SECONDS, mode=0o600):
        if not path.exists():  # what is left of the journals of a file that is gone belongs to nothing
            for journal in _journals(path):
                journal.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
        yield


def file_identity(engine: Engine) -> Identity | None:
    """Device and number of a SQLite file, None where it is gone or there is none.

    Connections to a file that was deleted or replaced go on as if nothing had happened, and write into nothing.
    """
    return _identity(Path(str(engine.url.database))) if _on_disk(engine) else None


def journal_identities(engine: Engine) -> frozenset[Identity]:
    """Device and number of each journal file that lies beside a SQLite file."""
    found = (_identity(path) for path in _journals(Path(str(engine.url.database)))) if _on_disk(engine) else ()
    return frozenset(identity for identity in found if identity is not None)


def disown_journals(engine: Engine, known: frozenset[Identity]) -> None:
    """Remove known journals, those of a file that another has taken the place of: SQLite would write them into it.

    To be called while connections to the old file are open: until then no other file can have a journal's number.
    """
    for path in _journals(Path(str(engine.url.database))):
        if _identity(path) in known:
            path.unlink(missing_ok=True)


def checkpoint(engine: Engine) -> None:
    """Empty SQLite's write-ahead log, so that erased text does not live on in it."""
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.close()


def _on_disk(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite" and not _in_memory(engine.url)


def _journals(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in ("-wal", "-shm")]


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _in_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:") or str(url.database).startswith("file:")


def _pool(url: URL) -> dict[str, Any]:
    if url.get_backend_name() != "sqlite":
        return {"pool_pre_ping": True, "pool_timeout": _BUSY_SECONDS, "connect_args": _patience(url)}
    arguments = {"connect_args": {"timeout": _BUSY_SECONDS, "check_same_thread": False}}
    if not _in_memory(url):
        return arguments
    # Every connection to memory is a database of its own: share exactly one.
    return {**arguments, "poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}


def _patience(url: URL) -> dict[str, Any]:
    """Limit the wait for a host that does not reply, unless the URL does; other drivers name the option otherwise."""
    known = url.get_driver_name().startswith("psycopg") and "connect_timeout" not in url.query
    return {"connect_timeout": int(_BUSY_SECONDS)} if known else {}


def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no public type
    try:
        # Without this, Python's sqlite3 starts transactions late and runs DDL outside of them.
        connection.isolation_level = None
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode=WAL").close()
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()
    except Exception:
        connection.close()  # a file that is no database: the pool has not taken the connection yet
        raise


def _on_begin(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read lock fails without waiting.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
