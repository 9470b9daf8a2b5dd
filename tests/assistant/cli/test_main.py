from __future__ import annotations

from pathlib import Path

import pytest
from command_fakes import Zhida, failed
from typer.testing import CliRunner

from assistant.cli.main import app, main
from kb.errors import UsageError
from kb.store import Store


@pytest.mark.parametrize("command", [("ask", "问"), ("search", "问"), ("build",), ("lint",), ("publish", "--yes")])
def test_a_corpus_that_is_not_there(zhida: Zhida, tmp_path: Path, command: tuple[str, ...]) -> None:
    failed(zhida(*command, corpus=tmp_path / "[/b]", store=tmp_path / "s"), "[/b]")


def test_a_store_that_cannot_be_written(zhida: Zhida, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    failed(zhida("build", store=tmp_path / "file"), "写不了索引文件夹")


def test_a_damaged_index_is_built_again(zhida: Zhida, tmp_path: Path) -> None:
    store = tmp_path / "s"
    zhida("build", store=store)
    folder = store / "versions" / Store(store).current_id()
    (folder / "knowledge.json").write_text("{", encoding="utf-8")
    result = zhida("ask", "月付怎么开通", store=store)
    assert result.exit_code == 0, result.output
    assert "以页面为准" in result.stdout


def test_developers_can_see_the_whole_error(zhida: Zhida, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIDA_DEBUG", "1")
    result = zhida("search")
    assert isinstance(result.exception, UsageError)


def test_the_program_shows_help_and_unknown_commands_leave_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["zhida", "--help"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0
    assert CliRunner().invoke(app, ["nonsense"]).exit_code == 2
