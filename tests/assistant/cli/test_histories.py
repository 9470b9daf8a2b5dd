from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli.main import app
from assistant.history import FILE, History, sqlite_url
from assistant.records import Answer


@pytest.fixture
def store(tmp_path: Path) -> Path:
    history = History(sqlite_url(tmp_path / FILE), retention_days=30)
    for visitor, days in (("visitor-one-0000", 0), ("visitor-one-0000", 20), ("visitor-two-0000", 20)):
        at = time.time() - days * 86_400
        history.record_turn(visitor, "c", f"{visitor} 问", Answer("answer", "答"), at=at, latency_ms=1.0)
    history.close()
    return tmp_path


def run(store: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["history", *words, "--store", str(store)])


def questions(store: Path, visitor: str) -> list[str]:
    return [turn["question"] for turn in json.loads(run(store, "export", visitor).stdout)["turns"]]


def test_a_visitor_is_exported_and_erased_and_nobody_else(store: Path) -> None:
    assert questions(store, "visitor-one-0000") == ["visitor-one-0000 问"] * 2
    assert "已删除 2 问" in run(store, "erase", "visitor-one-0000").output
    assert questions(store, "visitor-one-0000") == [] and len(questions(store, "visitor-two-0000")) == 1


def test_old_turns_are_purged(store: Path) -> None:
    assert "已删除 2 问" in run(store, "purge", "--retention-days", "10").output
    assert len(questions(store, "visitor-one-0000")) == 1


def test_a_database_that_cannot_be_reached_is_said_in_chinese(store: Path) -> None:
    result = run(store, "export", "x", "--history", "postgresql+psycopg://127.0.0.1:1/none")
    assert result.exit_code == 1 and "历史" in result.output
