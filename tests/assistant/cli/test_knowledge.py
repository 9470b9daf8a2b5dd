from __future__ import annotations

from pathlib import Path

import pytest
from command_fakes import Zhida, failed, lines
from fakes import entries, write_corpus

from assistant.cli import knowledge
from kb.corpus import load_corpus
from kb.lint import Finding
from kb.store import Store


def test_build_says_which_version_serves_and_what_is_in_it(zhida: Zhida, tmp_path: Path) -> None:
    result = zhida("build", store=tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert Store(tmp_path / "s").current_id() in result.stdout
    assert "：6 条问答、" in result.stdout


def test_lint_leaves_with_1_where_there_are_errors_and_with_0_where_there_are_none(
    zhida: Zhida, own: Path, tmp_path: Path
) -> None:
    store = tmp_path / "none"
    result = zhida("lint", corpus=own, store=store)
    assert result.exit_code == 1
    assert "错误 faq/a.yaml:" in result.stdout
    assert "依据「F010」不在 facts.md 里" in result.stdout
    for number in ("F003", "F010", "F020", "F021", "F030", "F040"):
        with (own / "facts.md").open("a", encoding="utf-8") as file:
            file.write(f"| {number} | 事实 | 高 | | s1 |\n")
    result = zhida("lint", corpus=own, store=store)
    assert result.exit_code == 0, result.output
    assert "0 个错误" in result.stdout
    assert not store.exists()


def test_lint_tells_which_standard_questions_do_not_find_their_entry(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    rows = entries()
    rows[1]["question"] = "月付的还款步骤请问怎么还钱"
    write_corpus(own, rows)
    store = tmp_path / "s"
    unlooked = zhida("lint", corpus=own, store=store).stdout
    assert "没有检查标准问能否找到自己" in unlooked and "zhida build" in unlooked
    zhida("build", corpus=own, store=store)
    result = zhida("lint", corpus=own, store=store)
    assert "（close）去掉自己之后先找到「repay」" in result.stdout
    assert "没有检查" not in result.stdout


def test_lint_reads_the_templates(zhida: Zhida, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Finding("error", "template-variable", "assistant/templates/x.j2", 3, "变量「y」没有人填")
    monkeypatch.setattr(knowledge, "check_templates", lambda: (wrong,))
    result = zhida("lint", corpus=own, store=tmp_path / "none")
    assert result.exit_code == 1
    assert "错误 assistant/templates/x.j2:3 变量「y」没有人填" in result.stdout


def test_lint_prints_brackets_as_they_stand(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    rows = entries()
    rows[0]["facts"] = ["[/red]", "[bold]"]
    write_corpus(own, rows)
    assert "[/red]" in zhida("lint", corpus=own, store=tmp_path / "none").stdout


def test_import_can_be_tried_first(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    rows = [{"id": "new", "question": "抖音月付怎么改手机号", "answer": "在设置里改。"}, {"id": "", "question": ""}]
    table = lines(tmp_path / "more.jsonl", rows)
    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    tried = zhida("import", table, "--dry-run", corpus=own, store=None)
    assert tried.exit_code == 0, tried.output
    assert "将新增 1 条" in tried.stdout
    assert "失败 1 条" in tried.stdout
    assert {path: path.read_bytes() for path in own.rglob("*") if path.is_file()} == before
    done = zhida("import", table, corpus=own, store=None)
    assert "已新增 1 条" in done.stdout
    assert "new" in {entry.id for entry in load_corpus(own).entries}


def test_import_tells_what_it_left_out_as_it_stands(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    page = tmp_path / "[i]页.html"
    body = "<p>抖音月付的开通条件是年满十八岁，并且完成实名认证，以页面展示为准。</p>" * 6
    page.write_text(f"<html><body><h1>开通</h1>{body}<p>分享到 [/b] 微博</p></body></html>", encoding="utf-8")
    result = zhida("import", page, "--dry-run", corpus=own, store=None)
    assert result.exit_code == 0, result.output
    assert "将新增 1 条" in result.stdout


def test_import_and_export_name_what_is_wrong(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    failed(zhida("import", tmp_path / "[none].csv", corpus=own, store=None), "[none].csv")
    failed(zhida("import", tmp_path / "x.exe", corpus=own, store=None), "x.exe")
    table = lines(tmp_path / "t.jsonl", [{"id": "a", "question": "甲"}])
    failed(zhida("import", table, "--mode", "guess", corpus=own, store=None), "merge")
    failed(zhida("export", tmp_path / "out.pdf", "--format", "pdf", store=None), "xlsx")
    failed(zhida("export", own / "facts.md" / "out.csv", "--format", "csv", store=None), "out.csv")


@pytest.mark.parametrize("form", ["xlsx", "csv", "jsonl", "yaml"])
def test_what_is_exported_can_be_imported_unchanged(zhida: Zhida, own: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"all.{form}"
    result = zhida("export", out, "--format", form, corpus=own, store=None)
    assert result.exit_code == 0, result.output
    assert "已导出 6 条" in result.stdout
    again = zhida("import", out, "--dry-run", corpus=own, store=None)
    assert "将新增 0 条，将合并 0 条，跳过 6 条，失败 0 条" in again.stdout
