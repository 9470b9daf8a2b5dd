"""Puts every question of a test set to the assistant, times it and judges it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.evaluation.figures import report_json
from assistant.evaluation.outcomes import Judge, Outcome, Part
from assistant.evaluation.questions import Answerable, Dialogue, Unanswerable
from assistant.records import Answer, State

Ask = Callable[[State | None, str], tuple[State, Answer]]
Progress = Callable[[str, float], None]
Clock = Callable[[], float]

_LABELS: Mapping[Part, str] = {"answerable": "可回答的问题", "unanswerable": "不该回答的问题", "dialogues": "多轮对话"}


@dataclass(frozen=True, slots=True)
class Report:
    """Everything asked in one run.

    Attributes:
        parts: the parts that were run, even if their file held nothing.
        outcomes: in the order asked.

    """

    parts: tuple[Part, ...]
    outcomes: tuple[Outcome, ...]

    def of(self, part: Part) -> tuple[Outcome, ...]:
        """List the outcomes of one part."""
        return tuple(outcome for outcome in self.outcomes if outcome.part == part)

    def to_json(self) -> dict[str, object]:
        """Give the JSON report: only the parts that were run, null where a figure is undefined, four decimals."""
        return report_json(self.parts, self.outcomes)


def evaluate(
    ask: Ask,
    answerable: Sequence[Answerable] | None = None,
    unanswerable: Sequence[Unanswerable] | None = None,
    dialogues: Sequence[Dialogue] | None = None,
    *,
    facts_of: Mapping[str, Sequence[str]] | None = None,
    progress: Progress | None = None,
    clock: Clock = time.perf_counter,
) -> Report:
    """Ask a test set; single questions are fresh conversations, a dialogue's turns share one.

    Args:
        ask: the assistant: (state or None for a new conversation, text) → (next state, reply); caches off.
        answerable: questions the knowledge base answers; None leaves the part out.
        unanswerable: questions it must not answer; None leaves the part out.
        dialogues: conversations; None leaves the part out.
        facts_of: facts of each entry; see :class:`~assistant.evaluation.outcomes.Judge`.
        progress: told after each question what is being asked (Chinese) and the share done, 0..1.
        clock: seconds, rising.

    """
    given: dict[Part, Sequence[Answerable] | Sequence[Unanswerable] | Sequence[Dialogue] | None]
    given = {"answerable": answerable, "unanswerable": unanswerable, "dialogues": dialogues}
    total = len(answerable or ()) + len(unanswerable or ()) + sum(len(item.turns) for item in dialogues or ())
    put, judge = _timed(ask, clock), Judge(facts_of)
    outcomes = []
    for outcome in _outcomes(put, judge, answerable or (), unanswerable or (), dialogues or ()):
        outcomes.append(outcome)
        if progress is not None:
            progress(f"评测：{_LABELS[outcome.part]}", len(outcomes) / total)
    return Report(tuple(part for part, rows in given.items() if rows is not None), tuple(outcomes))


_TimedAsk = Callable[[State | None, str], tuple[State, Answer, float]]


def _timed(ask: Ask, clock: Clock) -> _TimedAsk:
    def put(state: State | None, text: str) -> tuple[State, Answer, float]:
        start = clock()
        following, answer = ask(state, text)
        return following, answer, (clock() - start) * 1000

    return put


def _outcomes(
    put: _TimedAsk,
    judge: Judge,
    answerable: Sequence[Answerable],
    unanswerable: Sequence[Unanswerable],
    dialogues: Sequence[Dialogue],
) -> Iterator[Outcome]:
    for row in answerable:
        yield judge.answerable(row, *put(None, row.question)[1:])
    for other in unanswerable:
        yield judge.unanswerable(other, *put(None, other.question)[1:])
    for dialogue in dialogues:
        yield from _turns(put, judge, dialogue)


def _turns(put: _TimedAsk, judge: Judge, dialogue: Dialogue) -> Iterator[Outcome]:
    state: State | None = None
    for number, turn in enumerate(dialogue.turns, 1):
        state, answer, milliseconds = put(state, turn.user)
        yield judge.turn(dialogue.id, number, turn, answer, milliseconds)
