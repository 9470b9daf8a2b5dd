"""One question put to the assistant, and whether what came back is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.evaluation.questions import Answerable, Gold, Turn, Unanswerable
from assistant.records import Answer

Part = Literal["answerable", "unanswerable", "dialogues"]
PARTS: tuple[Part, ...] = ("answerable", "unanswerable", "dialogues")
TOP = 10

# Replies that offer knowledge; every other decision counts as having refused to.
OFFERS = frozenset({"answer", "clarify", "suggest"})
_ASKS_BACK = frozenset({"clarify", "suggest"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, the reply to it, and the judgement.

    Attributes:
        id: of the question; ``dialogue#turn`` (from 1) for a turn.
        part: file it came from.
        question: as asked.
        gold: what a right entry is; empty where there is none.
        expect: decision called for, "" where the file does not say.
        intent, style, kind: groups it belongs to, "" where it has none.
        answer: the reply.
        correct: whether the reply is right, by the definition of its part.
        rank: place from 1 of the first right candidate within the first ten, 0 if none is right.
        milliseconds: time the reply took.
        dialogue: id of the dialogue a turn belongs to, else "".

    """

    id: str
    part: Part
    question: str
    gold: Gold
    expect: str
    answer: Answer
    correct: bool
    rank: int
    milliseconds: float
    intent: str = ""
    style: str = ""
    kind: str = ""
    dialogue: str = ""

    @property
    def probability(self) -> float:
        """Of the top candidate, 0..1; 0 where nothing came near."""
        return self.answer.candidates[0].probability if self.answer.candidates else 0.0

    @property
    def refused(self) -> bool:
        """Whether no knowledge was offered."""
        return self.answer.decision not in OFFERS

    def to_row(self) -> dict[str, object]:
        """Give the row of the JSON report."""
        return {
            "id": self.id,
            "decision": self.answer.decision,
            "entries": list(self.answer.entries),
            "facts": list(self.answer.facts),
            "probability": round(self.probability, 4),
            "correct": self.correct,
        }


class Judge:
    """Judges replies.

    Args:
        facts_of: facts each entry cites, for entries that a reply names but does not list among its candidates (a
            follow-up in a dialogue may); without it such a reply is judged by ``Answer.facts`` if it names one entry,
            and counts as citing nothing if it names several.

    """

    def __init__(self, facts_of: Mapping[str, Sequence[str]] | None = None) -> None:
        self._facts_of = facts_of or {}

    def answerable(self, row: Answerable, answer: Answer, milliseconds: float) -> Outcome:
        """Right: answered with a gold entry first, or asked back where that is expected."""
        return Outcome(
            id=row.id,
            part="answerable",
            question=row.question,
            gold=row.gold,
            expect=row.expect,
            answer=answer,
            correct=self._answers(row.gold, answer) or (row.expect == "clarify" and answer.decision in _ASKS_BACK),
            rank=first_right(row.gold, answer),
            milliseconds=milliseconds,
            intent=row.intent,
            style=row.style,
        )

    def unanswerable(self, row: Unanswerable, answer: Answer, milliseconds: float) -> Outcome:
        """Right: the decision is the expected one."""
        return Outcome(
            id=row.id,
            part="unanswerable",
            question=row.question,
            gold=Gold(),
            expect=row.expect,
            answer=answer,
            correct=answer.decision == row.expect,
            rank=0,
            milliseconds=milliseconds,
            kind=row.kind,
        )

    def turn(self, dialogue: str, number: int, turn: Turn, answer: Answer, milliseconds: float) -> Outcome:
        """Right: answered with a gold entry first, or the expected decision."""
        return Outcome(
            id=f"{dialogue}#{number}",
            part="dialogues",
            question=turn.user,
            gold=turn.gold,
            expect=turn.expect,
            answer=answer,
            correct=self._answers(turn.gold, answer) or _as_expected(turn, answer),
            rank=first_right(turn.gold, answer),
            milliseconds=milliseconds,
            dialogue=dialogue,
        )

    def _answers(self, gold: Gold, answer: Answer) -> bool:
        if answer.decision != "answer" or not answer.entries:
            return False
        first = answer.entries[0]
        return gold.matches(first, self._facts(first, answer))

    def _facts(self, entry: str, answer: Answer) -> Sequence[str]:
        for candidate in answer.candidates:
            if candidate.entry == entry:
                return candidate.facts
        if entry in self._facts_of:
            return self._facts_of[entry]
        return answer.facts if len(answer.entries) == 1 else ()


def first_right(gold: Gold, answer: Answer) -> int:
    """Place from 1 of the first right candidate within the first ten, 0 if none is right."""
    for place, candidate in enumerate(answer.candidates[:TOP], 1):
        if gold.matches(candidate.entry, candidate.facts):
            return place
    return 0


def _as_expected(turn: Turn, answer: Answer) -> bool:
    """Whether the decision alone makes a turn right: with gold, an answer must also be the right one."""
    if turn.expect == "clarify":
        return answer.decision in _ASKS_BACK
    if not turn.expect:
        return not turn.gold and answer.decision not in OFFERS
    return answer.decision == turn.expect and not (turn.expect == "answer" and turn.gold)
