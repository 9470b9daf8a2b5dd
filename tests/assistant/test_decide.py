from __future__ import annotations

import pytest

from assistant.decide import CRISIS_FROM, Verdict, decide
from kb.lexicon import Lexicon
from kb.query import Analyzer
from kb.ranking import Cutoffs
from kb.records import Hit
from kb.search import Found

CUTOFFS = Cutoffs(answerable=0.4, answer=0.6)
QUERY = Analyzer(Lexicon()).analyse("问题")


def found(best: float | None, answerable: float, **outside: float) -> Found:
    hits = () if best is None else (Hit("e", best, (), "e", {}),)
    return Found(QUERY, hits, answerable, outside, {name: f"kind of {name}" for name in outside})


@pytest.mark.parametrize(
    ("best", "answerable", "expected"),
    [(0.6, 0.4, "answer"), (0.59, 0.4, "suggest"), (0.6, 0.39, "refuse"), (1.0, 1.0, "answer"), (None, 1.0, "refuse")],
)
def test_the_cut_offs_are_reached_at_their_very_values(best: float | None, answerable: float, expected: str) -> None:
    assert decide(found(best, answerable, none=1 - answerable), CUTOFFS).decision == expected


@pytest.mark.parametrize("name", ["refuse", "handoff", "privacy", "smalltalk", "clarify"])
def test_the_heaviest_boundary_decides_where_knowledge_does_not_reach(name: str) -> None:
    assert decide(found(0.9, 0.2, **{name: 0.5, "none": 0.3}), CUTOFFS) == Verdict(name, f"kind of {name}")  # type: ignore[arg-type]


def test_none_of_these_is_refused_without_a_kind_of_boundary() -> None:
    assert decide(found(0.1, 0.1, none=0.6, handoff=0.3), CUTOFFS) == Verdict("refuse", "none")
    assert decide(found(None, 0.0), CUTOFFS) == Verdict("refuse", "none")


def test_knowledge_that_points_nowhere_in_particular_suggests_or_clarifies() -> None:
    assert decide(found(0.3, 0.9, refuse=0.1), CUTOFFS) == Verdict("suggest")
    assert decide(found(0.3, 0.5, clarify=0.4, none=0.1), CUTOFFS) == Verdict("clarify", "kind of clarify")


def test_a_cry_for_help_needs_little_and_comes_before_everything() -> None:
    assert decide(found(1.0, 0.75, crisis=CRISIS_FROM), CUTOFFS) == Verdict("crisis", "kind of crisis")
    assert decide(found(1.0, 0.76, crisis=CRISIS_FROM - 0.01), CUTOFFS).decision == "answer"


def test_a_faint_cry_for_help_is_heard_where_knowledge_is_not_twice_as_likely() -> None:
    faint = CRISIS_FROM - 0.1
    assert decide(found(0.3, 2 * faint, crisis=faint, handoff=0.1), CUTOFFS).decision == "crisis"
    assert decide(found(0.3, 2 * faint + 0.01, crisis=faint, handoff=0.1), CUTOFFS) == Verdict("handoff", "near")


@pytest.mark.parametrize("name", ["privacy", "smalltalk"])
def test_nothing_is_presumed_of_who_asks_where_knowledge_is_likelier(name: str) -> None:
    assert decide(found(0.3, 0.35, **{name: 0.3}), CUTOFFS) == Verdict("handoff", "near")
    assert decide(found(0.3, 0.35, **{name: 0.4}), CUTOFFS) == Verdict(name, f"kind of {name}")  # type: ignore[arg-type]


def test_a_decision_of_no_likely_kind_says_nothing_about_the_question() -> None:
    for name, kind in (("refuse", "none"), ("handoff", "missing_detail"), ("clarify", "")):
        unclear = Found(QUERY, (), 0.1, {name: 0.9}, {name: ""})
        assert decide(unclear, CUTOFFS) == Verdict(name, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answerable", "outside", "kind", "expected"),
    [
        (0.35, {"handoff": 0.3}, "missing_detail", Verdict("handoff", "near")),
        (0.35, {"none": 0.3}, "", Verdict("refuse", "near")),
        (0.35, {"handoff": 0.36}, "missing_detail", Verdict("handoff", "missing_detail")),
        (0.35, {"handoff": 0.3}, "human", Verdict("handoff", "human")),
        (0.35, {"refuse": 0.3}, "illegal", Verdict("refuse", "illegal")),
    ],
)
def test_knowledge_that_outweighs_the_boundary_is_offered(
    answerable: float, outside: dict[str, float], kind: str, expected: Verdict
) -> None:
    hit = Hit("e", 0.3, (), "e", {})
    assert decide(Found(QUERY, (hit,), answerable, outside, dict.fromkeys(outside, kind)), CUTOFFS) == expected
