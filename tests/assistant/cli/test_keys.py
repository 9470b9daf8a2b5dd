from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from assistant.cli.main import app
from assistant.web.api_keys import FILE, ApiKeys


def run(store: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["key", *words, "--store", str(store)])


def test_a_key_is_shown_once_counts_and_is_taken_back(tmp_path: Path) -> None:
    key = run(tmp_path, "add", "shop").stdout.strip()
    run(tmp_path, "add", "bank")
    keys = ApiKeys(tmp_path / FILE)
    assert keys.name_of(key) == "shop"
    assert run(tmp_path, "list").stdout.split() == ["bank", "shop"]
    assert run(tmp_path, "remove", "shop").exit_code == 0
    assert keys.name_of(key) is None and keys.names() == ["bank"]


def test_mistakes_are_said_in_chinese(tmp_path: Path) -> None:
    assert "没有名为" in run(tmp_path, "remove", "shop").output
    run(tmp_path, "add", "shop")
    again = run(tmp_path, "add", "shop")
    assert again.exit_code == 1 and "不能重名" in again.output
