"""A tiny fake assistant: replies from a table, and a test set that it half passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from assistant.evaluation.questions import Answerable, Dialogue, Gold, Turn, Unanswerable
from assistant.records import Answer, Candidate, State


def reply(
    decision: Any, *candidates: tuple[str, str, float], entries: tuple[str, ...] | None = None, **more: Any
) -> Answer:
    """An answer with candidates (entry, fact, probability); answered from the first unless told otherwise."""
    listed = tuple(Candidate(entry, (fact,), chance) for entry, fact, chance in candidates)
    named = entries if entries is not None else tuple(item.entry for item in listed[:1]) if decision == "answer" else ()
    facts = tuple(fact for item in listed if item.entry in named for fact in item.facts)
    return Answer(decision, "", entries=named, facts=facts, candidates=listed, **more)


REPLIES = {
    "怎么开通": reply("answer", ("yf-open", "F1", 0.9), ("yf-close", "F2", 0.05)),
    "怎么关": reply(
        "answer", ("yf-open", "F1", 0.7), ("yf-close", "F2", 0.2), trace={"rank": [{"features": {"cosine": 0.8}}]}
    ),
    "月付": reply("clarify", ("art-x#2", "F9", 0.4)),
    "额度": reply("suggest", ("yf-limit", "F3", 0.3)),
    "没有金标": reply("refuse"),
    "你好": reply("smalltalk", ("yf-open", "F1", 0.1)),
    "花呗": reply("handoff", ("yf-close", "F2", 0.6)),
    "不想活了": reply("answer", ("yf-open", "F1", 0.8)),
    "那怎么关": reply("answer", ("yf-close", "F2", 0.9)),
}


@dataclass(frozen=True)
class TestSet:
    __test__ = False
    answerable: tuple[Answerable, ...]
    unanswerable: tuple[Unanswerable, ...]
    dialogues: tuple[Dialogue, ...]


@pytest.fixture
def ask() -> Callable[[State | None, str], tuple[State, Answer]]:
    def put(state: State | None, text: str) -> tuple[State, Answer]:
        return replace(state or State(), question=text), REPLIES[text]

    return put


@pytest.fixture
def test_set() -> TestSet:
    f1, f2, f3 = (Gold(frozenset({fact})) for fact in ("F1", "F2", "F3"))
    return TestSet(
        answerable=(
            Answerable("a1", "怎么开通", f1, "open", "plain"),
            Answerable("a2", "怎么关", f2, "close", "plain"),
            Answerable("a3", "月付", Gold(entries=frozenset({"art-x"})), "open", "short", "clarify"),
            Answerable("a4", "额度", f3, "limit", ""),
            Answerable("a5", "没有金标", Gold()),
        ),
        unanswerable=(
            Unanswerable("u1", "你好", "greeting", "smalltalk"),
            Unanswerable("u2", "花呗", "other_product", "refuse"),
            Unanswerable("u3", "不想活了", "self_harm", "crisis"),
        ),
        dialogues=(
            Dialogue("d1", (Turn("怎么开通", f1, "answer"), Turn("那怎么关", f2))),
            Dialogue("d2", (Turn("怎么关", f2, "answer"), Turn("额度", f3, "clarify"), Turn("花呗", Gold()))),
        ),
    )
