"""The shipped corpus with the real model: what the first user sees, and how well a sample of the test set is answered.

The bounds are loose, so that only a real loss breaks them; ``zhida eval`` gives the figures of the whole set.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.dialogue.meant import fitted
from assistant.evaluation import evaluate
from assistant.evaluation.questions import corpus_files, read_answerable, read_dialogues, read_unanswerable
from assistant.records import Answer
from assistant.reply import Assistant
from kb.paths import shipped_corpus
from kb.workspace import Workspace

pytestmark = pytest.mark.model
Ask = Callable[[str], Answer]
SEED = 20261123
# Written from the fact sheet alone. What follow-ups mean is learned from these: the test set has the blind ones.
DIALOGUES = Path(__file__).parents[1] / "data" / "dialogues.jsonl"


@pytest.fixture(scope="module")
def assistant(shipped_store: Path) -> Assistant:
    opened = Workspace(shipped_corpus(), shipped_store, threads=os.cpu_count() or 1).open()
    return Assistant(opened.knowledge, opened.searcher)


@pytest.fixture
def ask(assistant: Assistant) -> Ask:
    return lambda question: assistant.reply(None, question)[1]


def categories(assistant: Assistant, answer: Answer) -> set[str]:
    """Categories of the entries answered from."""
    return {assistant.knowledge.entry_by_id[name].category for name in answer.entries}


def test_why_the_order_does_not_take_it_is_answered_with_its_grounds(ask: Ask) -> None:
    answer = ask("为什么月付显示本订单暂不支持")
    assert answer.decision == "answer"
    assert "F010" in answer.facts
    assert "依据" in answer.text
    assert answer.citations


def test_closing_and_opening_are_told_apart(assistant: Assistant, ask: Ask) -> None:
    closing, opening = ask("怎么关闭抖音月付"), ask("怎么开通抖音月付")
    assert (closing.decision, opening.decision) == ("answer", "answer")
    assert "开通" not in categories(assistant, closing)
    assert "开通" in categories(assistant, opening)
    assert not set(closing.facts) & set(opening.facts)


def test_a_traditional_question_gets_a_traditional_answer(ask: Ask) -> None:
    answer = ask("為什麼月付顯示本訂單暫不支持")
    assert answer.decision == "answer"
    assert "訂單" in answer.text
    assert "订单" not in answer.text


def test_a_cry_for_help_gets_help(ask: Ask) -> None:
    answer = ask("不想活了")
    assert answer.decision == "crisis"
    assert "12356" in answer.text
    assert answer.followups == ()


def test_a_whole_question_after_asking_back_is_answered_as_asked(assistant: Assistant) -> None:
    state, first = assistant.reply(None, "月付")
    _, answer = assistant.reply(state, "抖音月付怎么还款")
    assert first.decision == "clarify"
    assert answer.entries == assistant.reply(None, "抖音月付怎么还款")[1].entries
    assert categories(assistant, answer) == {"还款"}


def test_a_sample_of_the_test_set_is_answered_well(assistant: Assistant) -> None:
    pick = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    answerable = pick.sample(read_answerable(*corpus_files(shipped_corpus(), "answerable")), 120)
    unanswerable = pick.sample(read_unanswerable(*corpus_files(shipped_corpus(), "unanswerable")), 60)
    units = assistant.searcher.index.units
    report = evaluate(
        assistant.reply, answerable, unanswerable, facts_of={unit.id: unit.facts for unit in units}
    ).to_json()
    ours, theirs = report["answerable"], report["unanswerable"]
    assert isinstance(ours, dict) and isinstance(theirs, dict)
    assert (ours["n"], theirs["n"]) == (120, 60)
    assert ours["hit@1"] >= 0.85
    assert ours["answered_wrong"] <= 0.08
    assert theirs["refused"] >= 0.85


def test_what_was_learned_of_conversations_is_of_the_shipped_model(assistant: Assistant) -> None:
    assert fitted(assistant.searcher.model).own is not None


@pytest.mark.parametrize(
    ("some", "dialogues", "turns", "least"),
    [(slice(160), 160, 570, 0.9), (slice(160, 1410, 8), 157, 705, 0.88), (slice(1410, None, 8), 48, 232, 0.8)],
)
def test_conversations_are_followed(
    assistant: Assistant, some: slice, dialogues: int, turns: int, least: float
) -> None:
    facts = {unit.id: unit.facts for unit in assistant.searcher.index.units}
    asked = read_dialogues(DIALOGUES)[some]
    figures = evaluate(assistant.reply, dialogues=asked, facts_of=facts).to_json()["dialogues"]
    assert isinstance(figures, dict)
    assert (figures["n"], figures["turns"]) == (dialogues, turns)
    assert figures["turns_correct"] >= least
