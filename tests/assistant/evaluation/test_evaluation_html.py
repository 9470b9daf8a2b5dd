from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from assistant.evaluation import Report, evaluate
from assistant.evaluation.confusion import categories_by_intent, decisions_by_intent
from assistant.evaluation.intervals import estimates
from assistant.evaluation.misses import trace_features, worst_misses
from assistant.evaluation.questions import Answerable, Gold
from assistant.evaluation.report_html import render_html
from assistant.records import Answer, Candidate, State

EVIL = "<script>alert(1)</script>&\"'{{ 7*7 }}\ud800"


@pytest.fixture
def report(ask: Any, test_set: Any) -> Report:
    return evaluate(ask, test_set.answerable, test_set.unanswerable, test_set.dialogues)


def _text(page: str) -> str:
    """What a reader sees, and a check that tags close in order."""

    class Reader(HTMLParser):
        words: list[str] = []

        def handle_data(self, data: str) -> None:
            self.words.append(data)

    reader = Reader()
    reader.words = []
    reader.feed(page)
    return " ".join(reader.words)


def test_page_holds_figures_plots_and_misses(report: Report) -> None:
    text = _text(page := render_html(report, {"索引版本": "v1"}, samples=50))
    for words in ("索引版本", "首位命中 hit@1", "95% 区间", "75.0%", "怎么关", "不该回答的题", "处理方式正确"):
        assert words in text
    assert page.count("<svg") == 2
    assert page.startswith("<!DOCTYPE html>") or "<!DOCTYPE html>" in page[:200]
    assert 'lang="zh-CN"' in page


def test_page_is_self_contained(report: Report) -> None:
    page = render_html(report, {}, samples=20)
    assert not re.search(r"<(script|link|img|iframe|object|image)\b", page)
    assert not re.search(r"@import|url\((?!#)|(?:src|href)=\"(?!#)", page)


def test_plots_carry_no_text_that_needs_a_font(report: Report) -> None:
    svgs = re.findall(r"<svg.*?</svg>", render_html(report, {}, samples=20), re.DOTALL)
    assert not any("<text" in svg for svg in svgs)


def test_page_is_the_same_every_time(report: Report) -> None:
    assert render_html(report, {}, samples=20) == render_html(report, {}, samples=20)


def test_everything_from_outside_is_escaped() -> None:
    def ask(state: State | None, text: str) -> tuple[State, Answer]:
        candidate = Candidate(EVIL, (EVIL,), 0.9)
        return State(), Answer("answer", EVIL, (EVIL,), candidates=(candidate,), trace={"features": {EVIL: 0.5}})

    row = Answerable(EVIL, EVIL, Gold(frozenset({"F" + EVIL})), EVIL, EVIL)
    page = render_html(evaluate(ask, [row]), {EVIL: EVIL}, categories={EVIL: EVIL}, samples=20)
    assert "<script" not in page
    assert "49" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    page.encode("utf-8")


def test_pages_of_few_or_no_questions(ask: Any, test_set: Any) -> None:
    assert "没有" in render_html(evaluate(ask, [], [], []), {}, samples=20)
    assert "<svg" not in render_html(evaluate(ask, dialogues=test_set.dialogues), {}, samples=20)
    assert "<svg" in render_html(evaluate(ask, unanswerable=test_set.unanswerable[:1]), {}, samples=20)


def test_worst_misses_start_with_the_grave_and_the_confident(report: Report) -> None:
    found = worst_misses(report.outcomes)
    assert [miss.id for miss in found] == ["u3", "a2", "d2#1", "u2", "a4", "a5"]
    assert (found[0].gold, found[0].got, found[0].reason) == ("危机关怀", "回答 yf-open", "")
    assert (found[1].gold, found[1].reason) == ("回答 F2", "正确条目排第 2；cosine 0.80")
    assert worst_misses(report.outcomes, most=1) == found[:1]


def test_explanations_replace_the_trace(report: Report) -> None:
    found = worst_misses(report.outcomes, lambda question: {"a": 0.1, "b": -3, "c": 0.0, "d": 2, "e": 1, "f": 0.5})
    assert found[0].reason == "b -3.00，d 2.00，e 1.00，f 0.50"


def test_features_are_found_anywhere_in_a_trace() -> None:
    assert trace_features({"a": [{"b": {"features": {"x": 1, "y": "no"}}}]}) == {"x": 1.0}
    assert trace_features({"a": "text", "b": 3}) == {}


def test_confusion_of_intents(report: Report) -> None:
    ours = report.of("answerable")
    fates = decisions_by_intent(ours)
    assert (fates.rows, fates.columns) == (("close", "limit", "open"), ("答对", "答错", "追问", "推荐相近问题"))
    assert fates.counts == ((0, 1, 0, 0), (0, 0, 0, 1), (1, 0, 1, 0))
    assert fates.totals == (1, 1, 2)
    categories = categories_by_intent(ours, {"yf-open": "开通"})
    assert (categories.columns, categories.counts) == (("开通",), ((1,), (1,)))


def test_sections_take_their_articles_category() -> None:
    def ask(state: State | None, text: str) -> tuple[State, Answer]:
        return State(), Answer("answer", "", ("art-x#3",))

    outcomes = evaluate(ask, [Answerable("1", "q", Gold(), "i")]).outcomes
    assert categories_by_intent(outcomes, {"art-x": "甲"}).columns == ("甲",)
    assert categories_by_intent(outcomes, {"z": "甲"}).columns == ("（无分类）",)


def test_every_figure_lies_in_its_interval(report: Report) -> None:
    found = {item.name: item for item in estimates(report.outcomes, samples=200)}
    json_report: dict[str, Any] = report.to_json()
    assert found["answerable.hit@1"].value == json_report["answerable"]["hit@1"]
    assert found["auroc"].value == pytest.approx(json_report["auroc"], abs=1e-4)
    assert found["dialogues.turns_correct"].value == json_report["dialogues"]["turns_correct"]
    assert found["dialogues.dialogues_correct"].n == 2
    for name, item in found.items():
        # Resampling a handful of questions makes calibration look worse than it is, so ECE may lie below.
        assert name == "ece" or item.interval.low <= item.value <= item.interval.high


def test_undefined_figures_are_left_out(ask: Any, test_set: Any) -> None:
    found = [item.name for item in estimates(evaluate(ask, unanswerable=test_set.unanswerable).outcomes, samples=20)]
    assert found == ["unanswerable.refused", "unanswerable.expect_met", "ece"]
    assert not any(math.isnan(item.value) for item in estimates((), samples=20))
