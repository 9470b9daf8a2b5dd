from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_fakes import ANSWERABLE, DIALOGUES, UNANSWERABLE, Zhida, failed, lines
from typer.testing import CliRunner

from assistant.cli.main import app


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
