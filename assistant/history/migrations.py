"""Numbered schema changes: a new database gets the newest schema, an older one is lifted step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, insert, select, text

from assistant.history.errors import HistoryError
from assistant.history.tables import metadata, schema

Step = Callable[[Connection], None]

# MIGRATIONS[i] lifts schema i + 1 to schema i + 2. Only ever append.
MIGRATIONS: tuple[Step, ...] = ()

_ADVISORY_LOCK = 0x7A68_6964


def migrate(connection: Connection, steps: Sequence[Step] = MIGRATIONS) -> int:
    """Bring the database to the newest schema inside the caller's transaction; return the schema's number.

    Raises:
        HistoryError: the database was written by a newer release.

    """
    newest = len(steps) + 1
    _one_at_a_time(connection)
    schema.create(connection, checkfirst=True)
    found = connection.scalar(select(schema.c.number))
    if found is None:
        metadata.create_all(connection)
    elif found > newest:
        raise HistoryError(
            f"schema {found} is newer than {newest}",
            user_message="会话历史由更新版本的知答写成，请升级程序，或换一个历史数据库。",
        )
    else:
        for step in steps[found - 1 :]:
            step(connection)
    if found != newest:
        connection.execute(delete(schema))
        connection.execute(insert(schema).values(number=newest))
    return newest


def _one_at_a_time(connection: Connection) -> None:
    """Keep two starting processes apart; SQLite's BEGIN IMMEDIATE has already done so."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
