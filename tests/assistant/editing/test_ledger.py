from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.editing.errors import EditError
from assistant.editing.ledger import Ledger, note


def test_a_transaction_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "deep" / "desk.sqlite")
    with ledger.writing() as connection:
        note(connection, 1.0, "张三", "draft", "entry:a", characters=3)
    with pytest.raises(RuntimeError), ledger.writing() as connection:
        note(connection, 2.0, "张三", "draft", "entry:b")
        raise RuntimeError

    (line,) = ledger.log()
    assert (line.at, line.author, line.action, line.target, line.detail) == (
        (1.0, "张三", "draft", "entry:a", {"characters": 3})
    )
    assert stat.S_IMODE((tmp_path / "deep" / "desk.sqlite").stat().st_mode) == 0o600


def test_many_writers_at_once(tmp_path: Path) -> None:
    def write(number: int) -> None:
        # every writer opens the file by itself, as another process would
        with Ledger(tmp_path / "desk.sqlite").writing() as connection:
            note(connection, float(number), "张三", "draft", f"entry:{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert len(Ledger(tmp_path / "desk.sqlite").log()) == 40


def test_a_file_that_is_none_of_ours_is_named(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite").write_text("not a database " * 100, "utf-8")
    with pytest.raises(EditError) as caught:
        Ledger(tmp_path / "desk.sqlite").log()
    assert "desk.sqlite" in caught.value.user_message
