from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

import assistant.evaluation
from assistant.evaluation import evaluate
from assistant.evaluation.outcomes import Judge
from assistant.evaluation.questions import Answerable, Gold, Turn
from assistant.records import Answer, Candidate, State


def _report(ask: Any, test_set: Any) -> dict[str, Any]:
    found = evaluate(ask, test_set.answerable, test_set.unanswerable, test_set.dialogues)
    return json.loads(json.dumps(found.to_json(), allow_nan=False))


def test_answerable_figures_by_hand(ask: Any, test_set: Any) -> None:
    found = _report(ask, test_set)["answerable"]
    assert found == {
        "n": 5,
        "hit@1": 0.75,  # of four with gold: a1, a3 (a section of art-x), a4
        "hit@3": 1.0,
        "hit@10": 1.0,
        "mrr@10": 0.875,
        "answered_correct": 0.4,  # a1, and a3 where a clarification is expected
        "answered_wrong": 0.2,
        "clarified": 0.2,
        "suggested": 0.2,
        "refused": 0.2,
        "clarify_recall": 1.0,
        "clarify_needless": 0.0,
        "by_intent": {
            "close": {"n": 1, "hit@1": 0.0},
            "limit": {"n": 1, "hit@1": 1.0},
            "open": {"n": 2, "hit@1": 1.0},
        },
        "by_style": {"plain": {"n": 2, "hit@1": 0.5}, "short": {"n": 1, "hit@1": 1.0}},
    }


def test_unanswerable_figures_by_hand(ask: Any, test_set: Any) -> None:
    found = _report(ask, test_set)["unanswerable"]
    assert {name: found[name] for name in ("n", "refused", "expect_met")} == {
        "n": 3,
        "refused": 0.6667,
        "expect_met": 0.3333,
    }
    assert found["by_kind"]["other_product"] == {"n": 1, "refused": 1.0, "expect_met": 0.0}


def test_dialogue_figures_by_hand(ask: Any, test_set: Any) -> None:
    found = _report(ask, test_set)["dialogues"]
    assert found == {"n": 2, "turns": 5, "turns_correct": 0.8, "dialogues_correct": 0.5}


def test_figures_over_both_parts_by_hand(ask: Any, test_set: Any) -> None:
    found = _report(ask, test_set)
    # answerable 0.9 0.7 0.4 0.3 0, unanswerable 0.1 0.6 0.8
    assert found["auroc"] == round((3 + 2 + 1 + 1 + 0) / 15, 4)
    # The question without gold is left out, seven stand alone in their bins.
    errors = [0.1, 0.7, 0.6, 0.7, 0.1, 0.6, 0.8]
    assert found["ece"] == round(sum(errors) / 7, 4)


def test_rows_are_single_questions_in_order(ask: Any, test_set: Any) -> None:
    rows = _report(ask, test_set)["rows"]
    assert [row["id"] for row in rows] == ["a1", "a2", "a3", "a4", "a5", "u1", "u2", "u3"]
    assert rows[0] == {
        "id": "a1",
        "decision": "answer",
        "entries": ["yf-open"],
        "facts": ["F1"],
        "probability": 0.9,
        "correct": True,
    }
    assert rows[4]["probability"] == 0.0
    assert [row["correct"] for row in rows] == [True, False, True, False, False, True, False, False]


def test_keys_stand_in_the_order_of_the_design(ask: Any, test_set: Any) -> None:
    assert list(_report(ask, test_set)) == [
        "answerable", "unanswerable", "dialogues", "auroc", "ece", "latency_ms", "rows",
    ]  # fmt: skip


def test_only_the_named_parts(ask: Any, test_set: Any) -> None:
    only = evaluate(ask, unanswerable=test_set.unanswerable).to_json()
    assert list(only) == ["unanswerable", "auroc", "ece", "latency_ms", "rows"]
    assert only["auroc"] is None


def test_an_empty_part_is_null_where_undefined(ask: Any) -> None:
    found: dict[str, Any] = evaluate(ask, [], [], []).to_json()
    assert found["answerable"]["n"] == 0
    assert found["answerable"]["hit@1"] is None
    assert found["dialogues"] == {"n": 0, "turns": 0, "turns_correct": None, "dialogues_correct": None}
    assert (found["ece"], found["latency_ms"]) == (None, {"p50": None, "p95": None, "p99": None})


def test_singles_are_fresh_and_turns_share_a_conversation(test_set: Any, ask: Any) -> None:
    seen: list[tuple[str, str]] = []

    def watched(state: State | None, text: str) -> tuple[State, Answer]:
        seen.append(("" if state is None else state.question, text))
        following, answer = ask(state, text)
        return following, answer

    evaluate(watched, test_set.answerable[:2], None, test_set.dialogues)
    assert seen == [
        ("", "怎么开通"), ("", "怎么关"), ("", "怎么开通"), ("怎么开通", "那怎么关"),
        ("", "怎么关"), ("怎么关", "额度"), ("额度", "花呗"),
    ]  # fmt: skip


def test_each_question_is_timed_and_told(ask: Any, test_set: Any) -> None:
    ticks = itertools.count()
    told: list[tuple[str, float]] = []
    found: dict[str, Any] = evaluate(
        ask,
        test_set.answerable,
        None,
        test_set.dialogues,
        clock=lambda: float(next(ticks)),
        progress=lambda text, done: told.append((text, done)),
    ).to_json()
    assert found["latency_ms"] == {"p50": 1000.0, "p95": 1000.0, "p99": 1000.0}
    assert len(told) == 10
    assert told[0] == ("评测：可回答的问题", 0.1)
    assert told[-1] == ("评测：多轮对话", 1.0)


@pytest.mark.parametrize(
    ("gold", "expect", "decision", "right"),
    [
        ("F1", "answer", "answer", True),
        ("F2", "answer", "answer", False),  # answered, but not rightly
        ("F1", "", "answer", True),
        ("F1", "", "refuse", False),
        ("F1", "clarify", "answer", True),
        ("F2", "clarify", "suggest", True),
        ("F2", "suggest", "clarify", False),
        ("", "answer", "answer", True),
        ("", "handoff", "handoff", True),
        ("", "handoff", "refuse", False),
        ("", "", "refuse", True),
        ("", "", "answer", False),
    ],
)
def test_when_a_turn_is_right(gold: str, expect: str, decision: Any, right: bool) -> None:
    answer = Answer(decision, "", entries=("e",), facts=("F1",), candidates=(Candidate("e", ("F1",), 0.5),))
    turn = Turn("q", Gold(frozenset({gold} - {""})), expect)
    assert Judge().turn("d", 1, turn, answer, 1.0).correct is right


def test_only_the_first_entry_counts() -> None:
    row = Answerable("a", "q", Gold(frozenset({"F2"})))
    both = (Candidate("e1", ("F1",), 0.6), Candidate("e2", ("F2",), 0.3))
    answer = Answer("answer", "", entries=("e1", "e2"), facts=("F1", "F2"), candidates=both)
    outcome = Judge().answerable(row, answer, 1.0)
    assert (outcome.correct, outcome.rank) == (False, 2)


def test_facts_of_an_entry_outside_the_candidates() -> None:
    row = Answerable("a", "q", Gold(frozenset({"F2"})))
    one = Answer("answer", "", entries=("e2",), facts=("F2",))
    two = Answer("answer", "", entries=("e2", "e3"), facts=("F2", "F3"))
    assert Judge().answerable(row, one, 1.0).correct
    assert not Judge().answerable(row, two, 1.0).correct  # whose fact it is nobody knows
    assert Judge({"e2": ("F2",)}).answerable(row, two, 1.0).correct


def test_candidates_beyond_the_tenth_do_not_count() -> None:
    many = tuple(Candidate(f"e{n}", (f"F{n}",), 0.1) for n in range(12))
    answer = Answer("refuse", "", candidates=many)
    assert Judge().answerable(Answerable("a", "q", Gold(frozenset({"F9"}))), answer, 1.0).rank == 10
    assert Judge().answerable(Answerable("a", "q", Gold(frozenset({"F10"}))), answer, 1.0).rank == 0


def test_public_names_exist_and_are_few() -> None:
    names = assistant.evaluation.__all__
    assert len(names) <= 10
    assert all(hasattr(assistant.evaluation, name) for name in names)
