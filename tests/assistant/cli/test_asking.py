from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_fakes import Zhida, failed, lines
from fakes import entries, write_corpus

from kb.store import Store

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
