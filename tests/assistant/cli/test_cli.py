from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from fakes import FakeEmbedder, entries, write_corpus
from typer.testing import CliRunner

from assistant.cli import console, knowledge
from assistant.cli.main import app, main
from assistant.editing.desk import LEDGER
from assistant.editing.ledger import Ledger
from kb.corpus import corpus_digest, load_corpus
from kb.errors import UsageError
from kb.lint import Finding
from kb.originals import read_originals
from kb.store import Store
from kb.workspace import Workspace

Zhida = Callable[..., Any]
ANSWER_KEYS = {
    "decision",
    "text",
    "entries",
    "facts",
    "citations",
    "confidence",
    "understood_as",
    "candidates",
    "followups",
    "options",
    "trace",
}
ANSWERABLE = [
    {"id": "a1", "question": "月付怎么开通", "facts": ["F001"], "intent": "open", "style": "plain", "expect": "answer"},
    {"id": "a2", "question": "月付怎么关掉", "entries": ["close"]},
]
UNANSWERABLE = [{"id": "u1", "question": "花呗怎么关闭", "kind": "other_product", "expect": "refuse"}]
DIALOGUES = [
    {"id": "d1", "turns": [{"user": "月付怎么还款", "facts": ["F020"]}, {"user": "你好", "expect": "smalltalk"}]}
]


@pytest.fixture(autouse=True)
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEmbedder()
    monkeypatch.setattr(Workspace, "embedder", lambda self: fake)
    for name in ("ZHIDA_CORPUS", "ZHIDA_STORE", "ZHIDA_MODEL", "ZHIDA_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(console.out, "width", 400)
    monkeypatch.setattr(console.err, "width", 400)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli-store") / "store"


@pytest.fixture
def zhida(tiny_folder: Path, store: Path) -> Zhida:
    """Run a command over the tiny corpus and a store that this module's tests share, where it takes them."""

    def run(command: str, *arguments: object, **places: Path | None) -> Any:
        given = {"corpus": tiny_folder, "store": store} | places
        options = [f"--{name}={place}" for name, place in given.items() if place is not None]
        return CliRunner().invoke(app, [command, *map(str, arguments), *options])

    return run


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A corpus that the test may change."""
    return write_corpus(tmp_path / "corpus")


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def failed(result: Any, said: str) -> None:
    """One Chinese sentence on standard error, nothing on standard output, status 1."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    (sentence,) = [line for line in result.stderr.splitlines() if line.strip() and "━" not in line]
    assert sentence.startswith("出错了：")
    assert said in sentence
    assert "Traceback" not in result.output


# --- build, ask, search ----------------------------------------------------------------------------------------------


def test_build_says_which_version_serves_and_what_is_in_it(zhida: Zhida, tmp_path: Path) -> None:
    result = zhida("build", store=tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert Store(tmp_path / "s").current_id() in result.stdout
    assert "'entries': 6" in result.stdout


def test_ask_builds_what_is_missing_and_answers(zhida: Zhida, tmp_path: Path) -> None:
    result = zhida("ask", "月付怎么开通", store=tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert "抖音月付怎么开通：以页面为准。" in result.stdout
    assert "open" in result.stderr
    assert len(Store(tmp_path / "s").versions()) == 1


def test_ask_rebuilds_when_the_corpus_has_changed(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    store = tmp_path / "s"
    zhida("build", corpus=own, store=store)
    rows = entries()
    rows[0]["answer"] = "现在改到设置里了。"
    write_corpus(own, rows)
    assert "现在改到设置里了。" in zhida("ask", "抖音月付怎么开通", corpus=own, store=store).stdout
    assert len(Store(store).versions()) == 2
    zhida("ask", "抖音月付怎么开通", corpus=own, store=store)
    assert len(Store(store).versions()) == 2


def test_ask_gives_the_answer_as_json(zhida: Zhida) -> None:
    result = zhida("ask", "月付怎么开通", "--json")
    answer = json.loads(result.stdout)
    assert answer.keys() == ANSWER_KEYS
    assert (answer["decision"], answer["entries"][:1]) == ("answer", ["open"])
    assert answer["citations"][0].keys() == {"entry", "heading_path", "start", "end", "quote"}
    assert answer["candidates"][0].keys() == {"entry", "facts", "probability"}
    assert 0 <= answer["confidence"] <= 1


@pytest.mark.parametrize(
    "question", ["", "   ", "😀", "\u202e", "<b>", "'; DROP TABLE x", "啊" * 10_000, "[/red]", "\udcff"]
)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_ask_takes_any_question(zhida: Zhida, question: str, form: tuple[str, ...]) -> None:
    result = zhida("ask", question, *form)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip()
    assert not form or json.loads(result.stdout).keys() == ANSWER_KEYS


def test_search_shows_the_best_entries_with_their_reasons(zhida: Zhida) -> None:
    result = zhida("search", "月付怎么关掉")
    assert result.exit_code == 0, result.output
    first = next(line for line in result.stdout.splitlines() if line.startswith("│"))
    assert "close" in first
    assert "月付怎么关掉" in first
    assert "可回答" in result.stdout


def test_search_ranks_a_whole_file(zhida: Zhida, tmp_path: Path) -> None:
    rows = [{"id": "q1", "question": "月付怎么关掉"}, {"question": "月付\u2028怎么开通"}, {"id": 3, "question": ""}]
    batch, out = lines(tmp_path / "b.jsonl", rows), tmp_path / "deep" / "out.json"
    result = zhida("search", "--batch", batch, "--json", out, "--k", 3)
    assert result.exit_code == 0, result.output
    ranked = json.loads(out.read_text(encoding="utf-8"))
    assert [row["id"] for row in ranked] == ["q1", "2", "3"]
    assert all(row.keys() == {"id", "entries", "probabilities"} for row in ranked)
    assert [row["entries"][0] for row in ranked[:2]] == ["close", "open"]
    assert all(len(row["entries"]) == len(row["probabilities"]) <= 3 for row in ranked)
    assert all(row["probabilities"][1:] == sorted(row["probabilities"][1:], reverse=True) for row in ranked)
    printed = zhida("search", "--batch", batch, "--k", 3)
    assert json.loads(printed.stdout) == ranked


def test_search_finds_what_ask_answers(zhida: Zhida, tmp_path: Path) -> None:
    batch = lines(tmp_path / "b.jsonl", [{"id": "q", "question": "月付怎么还钱"}])
    (row,) = json.loads(zhida("search", "--batch", batch).stdout)
    answer = json.loads(zhida("ask", "月付怎么还钱", "--json").stdout)
    assert [item["entry"] for item in answer["candidates"]] == row["entries"]
    assert [item["probability"] for item in answer["candidates"]] == row["probabilities"]


def test_search_without_anything_to_search(zhida: Zhida, tmp_path: Path) -> None:
    failed(zhida("search"), "请写上要检索的问题")
    failed(zhida("search", "月付", "--k", 0), "--k")
    failed(zhida("search", "--batch", tmp_path / "none.jsonl"), "none.jsonl")
    for content in ("{", "[]", '{"id": 1}', "\xff"):
        (tmp_path / "bad.jsonl").write_bytes(content.encode("latin-1"))
        failed(zhida("search", "--batch", tmp_path / "bad.jsonl"), "bad.jsonl")


# --- eval, compare ---------------------------------------------------------------------------------------------------


@pytest.fixture
def questions(tmp_path: Path) -> list[object]:
    return [
        "--answerable",
        lines(tmp_path / "a.jsonl", ANSWERABLE),
        "--unanswerable",
        lines(tmp_path / "u.jsonl", UNANSWERABLE),
        "--dialogues",
        lines(tmp_path / "d.jsonl", DIALOGUES),
    ]


def test_eval_writes_the_figures_under_their_agreed_names(
    zhida: Zhida, questions: list[object], tmp_path: Path, store: Path
) -> None:
    out = tmp_path / "out.json"
    kept = len(list(store.glob("runs/*.json")))
    result = zhida("eval", *questions, "--json", out)
    assert result.exit_code == 0, result.output
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report.keys() == {"answerable", "unanswerable", "dialogues", "auroc", "ece", "latency_ms", "rows"}
    assert report["answerable"].keys() == {
        "n",
        "hit@1",
        "hit@3",
        "hit@10",
        "mrr@10",
        "answered_correct",
        "answered_wrong",
        "clarified",
        "suggested",
        "refused",
        "clarify_recall",
        "clarify_needless",
        "by_intent",
        "by_style",
    }
    assert report["answerable"]["by_intent"]["open"].keys() >= {"n", "hit@1"}
    assert report["unanswerable"].keys() == {"n", "refused", "expect_met", "by_kind"}
    assert report["unanswerable"]["by_kind"]["other_product"].keys() == {"n", "refused", "expect_met"}
    assert report["dialogues"].keys() == {"n", "turns", "turns_correct", "dialogues_correct"}
    assert report["latency_ms"].keys() == {"p50", "p95", "p99"}
    assert [row["id"] for row in report["rows"]][:3] == ["a1", "a2", "u1"]
    assert all(row.keys() >= {"id", "decision", "entries", "facts", "probability", "correct"} for row in report["rows"])
    assert (report["answerable"]["n"], report["answerable"]["hit@1"], report["answerable"]["clarify_recall"]) == (
        2,
        1,
        None,
    )
    assert (report["unanswerable"]["refused"], report["dialogues"]["turns"]) == (1, 2)
    assert "hit@1" in result.stdout
    assert len(list(store.glob("runs/*.json"))) == kept + 1


def test_eval_runs_the_named_parts_only(zhida: Zhida, questions: list[object], tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert zhida("eval", *questions[2:4], "--json", out).exit_code == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert "unanswerable" in report
    assert not {"answerable", "dialogues"} & report.keys()


def test_eval_takes_the_corpus_own_questions_where_none_are_named(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    failed(zhida("eval", corpus=own, store=tmp_path / "s"), "questions/*.jsonl")
    (own / "questions").mkdir()
    lines(own / "questions" / "answerable.jsonl", ANSWERABLE)
    result = zhida("eval", "--json", tmp_path / "out.json", corpus=own, store=tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["answerable"]["n"] == 2


def test_eval_writes_a_page(zhida: Zhida, questions: list[object], tmp_path: Path) -> None:
    out = tmp_path / "deep" / "report.html"
    result = zhida("eval", *questions, "--html", out)
    assert result.exit_code == 0, result.output
    assert out.read_text(encoding="utf-8").startswith("<!")


def test_eval_names_what_is_wrong(zhida: Zhida, questions: list[object], tmp_path: Path) -> None:
    failed(zhida("eval", "--answerable", tmp_path / "none.jsonl"), "none.jsonl")
    bad = lines(tmp_path / "bad.jsonl", [{"id": "x"}])
    failed(zhida("eval", "--answerable", bad), "bad.jsonl:1")
    (tmp_path / "file").write_text("", encoding="utf-8")
    failed(zhida("eval", *questions, "--json", tmp_path / "file" / "out.json"), "写不进")


def test_compare_tells_what_was_gained(zhida: Zhida, questions: list[object], tmp_path: Path) -> None:
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    zhida("eval", *questions, "--json", before)
    report = json.loads(before.read_text(encoding="utf-8"))
    after.write_text(json.dumps(report), encoding="utf-8")
    report["rows"][0] |= {"correct": False, "entries": ["close"]}
    before.write_text(json.dumps(report), encoding="utf-8")
    result = CliRunner().invoke(app, ["compare", str(before), str(after)])
    assert result.exit_code == 0, result.output
    assert "变对的题" in result.stdout
    assert "a1" in result.stdout
    plain = json.loads(CliRunner().invoke(app, ["compare", str(before), str(after), "--json"]).stdout)
    assert [row["id"] for row in plain["gained"]] == ["a1"]
    assert plain["lost"] == []


def test_compare_wants_two_reports(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    for name in ("none.json", "x.json"):
        failed(CliRunner().invoke(app, ["compare", str(tmp_path / name), str(tmp_path / "x.json")]), name)


# --- lint, import, export --------------------------------------------------------------------------------------------


def test_lint_leaves_with_1_where_there_are_errors_and_with_0_where_there_are_none(
    zhida: Zhida, own: Path, tmp_path: Path
) -> None:
    store = tmp_path / "none"
    result = zhida("lint", corpus=own, store=store)
    assert result.exit_code == 1
    assert "error faq/a.yaml:" in result.stdout
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
    assert "error assistant/templates/x.j2:3 变量「y」没有人填" in result.stdout


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


# --- publish, rollback, doctor ---------------------------------------------------------------------------------------


@pytest.fixture
def published(zhida: Zhida, own: Path, tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A corpus with questions of its own, and a store with a version that serves."""
    (own / "questions").mkdir()
    lines(own / "questions" / "answerable.jsonl", ANSWERABLE)
    assert zhida("build", corpus=own, store=tmp_path / "s").exit_code == 0
    yield own, tmp_path / "s"


def test_publish_switches_only_when_told_to(published: tuple[Path, Path]) -> None:
    corpus, store = published
    command = ["publish", f"--corpus={corpus}", f"--store={store}"]
    serving = Store(store).current_id()
    refused = CliRunner().invoke(app, command, input="n\n")
    assert refused.exit_code == 1
    assert "指标对比" in refused.stdout
    assert Store(store).current_id() == serving
    assert Store(store).versions() == [serving]
    done = CliRunner().invoke(app, [*command, "--yes"])
    assert done.exit_code == 0, done.output
    assert Store(store).current_id() != serving
    assert Store(store).current_id() in done.stdout


def test_of_two_publishers_the_second_is_told(
    zhida: Zhida, published: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, store = published
    monkeypatch.setattr(
        typer, "confirm", lambda _: zhida("build", "--refit", corpus=corpus, store=store).exit_code == 0
    )
    result = zhida("publish", corpus=corpus, store=store)
    assert result.exit_code == 1
    assert "刚才有别人发布或换回了另一个版本" in result.stderr
    assert "已发布" not in result.stdout
    assert Store(store).current_id() == Store(store).versions()[-1]
    monkeypatch.setattr(typer, "confirm", lambda _: True)
    assert zhida("publish", corpus=corpus, store=store).exit_code == 0


def test_rollback_brings_the_version_before_back(zhida: Zhida, published: tuple[Path, Path]) -> None:
    corpus, store = published
    first, before = Store(store).current_id(), (corpus / "facts.md").read_text("utf-8")
    (corpus / "facts.md").write_text("# 改过的\n", "utf-8")
    zhida("build", corpus=corpus, store=store)
    assert Store(store).current_id() != first
    result = zhida("rollback", corpus=corpus, store=store)
    assert result.exit_code == 0, result.output
    assert first in result.stdout and "存在" not in result.stdout
    assert Store(store).current_id() == first
    assert (corpus / "facts.md").read_text("utf-8") == before
    (line, *_) = Ledger(store / LEDGER).log()
    assert (line.author, line.action, line.target) == ("命令行", "rollback", first)
    failed(zhida("rollback", corpus=corpus, store=store), "没有更早的版本")


def test_rollback_keeps_what_no_version_held(zhida: Zhida, published: tuple[Path, Path]) -> None:
    corpus, store = published
    zhida("build", "--refit", corpus=corpus, store=store)
    (corpus / "facts.md").write_text("# 还没有建过索引的改动\n", "utf-8")
    result = zhida("rollback", corpus=corpus, store=store)
    assert "没建成版本的改动" in result.stdout
    (aside,) = (store / "replaced").iterdir()
    assert read_originals(aside)["facts.md"].decode() == "# 还没有建过索引的改动\n"


def test_rollback_of_the_index_alone_leaves_the_files(zhida: Zhida, published: tuple[Path, Path]) -> None:
    corpus, store = published
    first = Store(store).current_id()
    (corpus / "facts.md").write_text("# 改过的\n", "utf-8")
    zhida("build", corpus=corpus, store=store)
    result = zhida("rollback", "--index-only", corpus=corpus, store=store)
    assert result.exit_code == 0, result.output
    assert Store(store).current_id() == first
    assert (corpus / "facts.md").read_text("utf-8") == "# 改过的\n"


def test_rollback_leaves_the_files_of_another_corpus_alone(
    zhida: Zhida, published: tuple[Path, Path], tmp_path: Path
) -> None:
    corpus, store = published
    zhida("build", "--refit", corpus=corpus, store=store)
    rows = [{**row, "id": f"other-{number}"} for number, row in enumerate(entries())]
    other = write_corpus(tmp_path / "other", rows)
    (other / "articles" / "open.md").unlink()
    serving, before = Store(store).current_id(), corpus_digest(other)

    failed(zhida("rollback", corpus=other, store=store), "没有动任何文件")
    assert (Store(store).current_id(), corpus_digest(other)) == (serving, before)


def test_rollback_without_an_index(zhida: Zhida, tmp_path: Path) -> None:
    failed(zhida("rollback", store=tmp_path / "none"), "zhida build")


def test_doctor_finds_nothing_wrong(zhida: Zhida, store: Path) -> None:
    zhida("build")
    result = zhida("doctor")
    assert result.exit_code == 0, result.output
    assert "✗" not in result.stdout
    assert "6 条问答" in result.stdout
    assert Store(store).current_id() in result.stdout


def test_doctor_says_what_is_wrong_and_what_to_do(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    result = zhida("doctor", corpus=own, store=tmp_path / "none")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if "✗" in line and "zhida build" in line]
    zhida("build", corpus=own, store=tmp_path / "s")
    (own / "articles" / "more.md").write_text("# 新\n\n新的一篇。\n", encoding="utf-8")
    assert "知识库有改动" in zhida("doctor", corpus=own, store=tmp_path / "s").stdout
    shutil.rmtree(own)
    broken = zhida("doctor", corpus=own, store=tmp_path / "s")
    assert broken.exit_code == 1
    assert "✗ 知识库" in broken.stdout


# --- errors ----------------------------------------------------------------------------------------------------------


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
