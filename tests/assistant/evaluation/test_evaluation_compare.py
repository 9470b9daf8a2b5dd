from __future__ import annotations

import copy
import io
import json
from typing import Any

import pytest
from rich.console import Console

from assistant.evaluation import compare, comparison_table, evaluate, summary_table
from kb.errors import UsageError


@pytest.fixture
def report(ask: Any, test_set: Any) -> dict[str, Any]:
    return evaluate(ask, test_set.answerable, test_set.unanswerable, test_set.dialogues).to_json()


@pytest.fixture
def better(report: dict[str, Any]) -> dict[str, Any]:
    """One lost (a1), two gained (a2, u3), one question gone (u2), one new."""
    changed = copy.deepcopy(report)
    rows = {row["id"]: row for row in changed["rows"]}
    rows["a1"].update(correct=False, decision="refuse", entries=[])
    rows["a2"].update(correct=True, entries=["yf-close"])
    rows["u3"].update(correct=True, decision="crisis", entries=[])
    rows["u2"]["id"] = "u9"
    changed["answerable"]["hit@1"] = 1.0
    return changed


def _shown(renderable: Any) -> str:
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_gained_and_lost_by_question(report: dict[str, Any], better: dict[str, Any]) -> None:
    found = compare(report, better)
    assert [(row.id, row.part) for row in found.gained] == [("a2", "answerable"), ("u3", "unanswerable")]
    assert [(row.id, row.before, row.after, row.before_entry) for row in found.lost] == [
        ("a1", "answer", "refuse", "yf-open")
    ]
    assert (found.only_before, found.only_after) == (("u2",), ("u9",))


def test_tests_over_all_and_each_part(report: dict[str, Any], better: dict[str, Any]) -> None:
    whole, ours, theirs = compare(report, better).tests
    assert (whole.part, whole.n, whole.gained, whole.lost) == ("all", 7, 2, 1)
    assert whole.p_mcnemar == 1.0
    assert whole.difference == round(1 / 7, 4)
    assert (ours.part, ours.n, ours.gained, ours.lost) == ("answerable", 5, 1, 1)
    assert (theirs.part, theirs.n, theirs.p_mcnemar) == ("unanswerable", 2, 1.0)


def test_figures_stand_side_by_side(report: dict[str, Any], better: dict[str, Any]) -> None:
    del better["dialogues"]
    figures = {figure.name: figure for figure in compare(report, better).figures}
    assert (figures["answerable.hit@1"].before, figures["answerable.hit@1"].change) == (0.75, 0.25)
    assert figures["dialogues.turns_correct"].change is None
    assert not any("by_" in name for name in figures)


def test_json_of_a_comparison_is_plain(report: dict[str, Any], better: dict[str, Any]) -> None:
    data = json.loads(json.dumps(compare(report, better).to_json(), allow_nan=False))
    assert data["gained"][0]["id"] == "a2"
    assert data["figures"][1] == {"name": "answerable.hit@1", "before": 0.75, "after": 1.0, "change": 0.25}


def test_runs_without_a_common_question_compare(report: dict[str, Any]) -> None:
    found = compare(report, {**report, "rows": []})
    assert (found.tests[0].n, found.tests[0].difference, found.tests[0].p_mcnemar) == (0, None, 1.0)
    json.dumps(found.to_json(), allow_nan=False)


def test_rows_that_do_not_fit_the_counts_have_no_part(report: dict[str, Any]) -> None:
    report["rows"].append({"id": "x", "decision": "answer", "correct": True})
    assert [test.part for test in compare(report, report).tests] == ["all"]


@pytest.mark.parametrize("bad", [{}, {"rows": "x"}, {"rows": [1]}, {"rows": [{"id": "a"}]}])
def test_what_is_no_report_is_refused(report: dict[str, Any], bad: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        compare(report, bad)
    assert "不是评测结果" in caught.value.user_message


def test_terminal_table_shows_everything_and_no_markup(report: dict[str, Any], better: dict[str, Any]) -> None:
    text = _shown(comparison_table(compare(report, better), {"a2": "[red]怎么关[/red]"}))
    assert "[red]怎么关[/red]" in text
    assert "变错的题（1 道）" in text
    assert "差异不显著" in text
    assert "只在之前 1 道，只在之后 1 道" in text
    assert "+0.25" in text
    assert "回答 yf-open" in text


def test_terminal_table_lists_no_more_than_asked(report: dict[str, Any], better: dict[str, Any]) -> None:
    text = _shown(comparison_table(compare(report, better), most=1))
    assert "变对的题（2 道，只列前 1 道）" in text
    assert "u3" not in text


def test_equal_runs_say_so(report: dict[str, Any]) -> None:
    text = _shown(comparison_table(compare(report, report)))
    assert "变错的题：没有" in text
    assert "题目完全相同" in text


def test_summary_names_figures_in_chinese(report: dict[str, Any]) -> None:
    text = _shown(summary_table(report))
    assert "可回答：首位命中 hit@1" in text
    assert "0.75" in text
