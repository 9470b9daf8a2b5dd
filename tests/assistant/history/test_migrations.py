from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_mock_engine, inspect, text
from sqlalchemy.exc import OperationalError

from assistant.history import HistoryError, sqlite_url
from assistant.history.database import WRITES, open_engine
from assistant.history.migrations import Step, migrate
from assistant.history.tables import metadata


def lift(engine: Engine, *steps: Step) -> int:
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        return migrate(connection, steps)


def add_language(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE turns ADD COLUMN language TEXT"))


def fail(connection: Connection) -> None:
    add_language(connection)
    connection.execute(text("SELECT nothing FROM nowhere"))


def columns(engine: Engine) -> set[str]:
    return {column["name"] for column in inspect(engine).get_columns("turns")}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(sqlite_url(tmp_path / "h.sqlite3"))


def test_new_database_gets_every_table(engine: Engine) -> None:
    assert lift(engine) == 1
    assert set(inspect(engine).get_table_names()) >= set(metadata.tables)
    assert lift(engine) == 1
    engine.dispose()


def test_old_database_is_lifted_once(engine: Engine) -> None:
    lift(engine)

    assert lift(engine, add_language) == 2
    assert "language" in columns(engine)
    assert lift(engine, add_language) == 2
    engine.dispose()


def test_a_failing_step_leaves_the_old_schema_whole(engine: Engine) -> None:
    lift(engine)

    with pytest.raises(OperationalError):
        lift(engine, fail)
    assert "language" not in columns(engine)
    assert lift(engine) == 1
    engine.dispose()


def test_a_newer_database_is_not_touched(engine: Engine) -> None:
    lift(engine)
    lift(engine, add_language)

    with pytest.raises(HistoryError, match="newer"):
        lift(engine)
    engine.dispose()


def test_tables_compile_for_postgresql() -> None:
    statements: list[str] = []
    engine = create_mock_engine(
        "postgresql+psycopg://", lambda sql, *_, **__: statements.append(str(sql.compile(engine)))
    )
    metadata.create_all(engine, checkfirst=False)

    assert "SERIAL" in "".join(statements)
