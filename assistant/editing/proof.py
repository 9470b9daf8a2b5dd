"""What a new version does to questions: gained, broken and changed, with the probability before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from assistant.evaluation.outcomes import Outcome
from assistant.records import Answer

Kind = Literal["gained", "broken", "changed"]
REAL = "real"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to one version; ``correct`` is None where nobody knows what would be right."""

    id: str
    source: str
    question: str
    decision: str
    entry: str
    probability: float
    correct: bool | None


@dataclass(frozen=True, slots=True)
class Change:
    """A question that the two versions do not treat alike."""

    kind: Kind
    before: Asked
    after: Asked


@dataclass(frozen=True, slots=True)
class Proof:
    """What was replayed on both versions, and what came out differently.

    Attributes:
        asked: source ("answerable", "unanswerable", "dialogues", "real") → number of questions.
        changes: broken ones first, then gained, then changed.
        figures: name of a figure of the evaluation → before and after; only those that changed.
        findings: faults that the lint finds in the new version and not in the old one.
    """

    asked: Mapping[str, int]
    changes: tuple[Change, ...]
    figures: Mapping[str, tuple[float | None, float | None]]
    findings: tuple[str, ...] = ()

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """List the changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        return asdict(self)


_ORDER: Sequence[Kind] = ("broken", "gained", "changed")


def proof_of(
    before: Iterable[Asked],
    after: Iterable[Asked],
    figures: Mapping[str, tuple[float | None, float | None]],
    findings: Iterable[str] = (),
) -> Proof:
    """Compare two replays of the same questions."""
    one = {(asked.source, asked.id): asked for asked in before}
    two = {(asked.source, asked.id): asked for asked in after}
    changes = [change for key in one if key in two and (change := _change(one[key], two[key]))]
    changes.sort(key=lambda change: _ORDER.index(change.kind))
    moved = {name: pair for name, pair in figures.items() if pair[0] != pair[1]}
    return Proof(dict(Counter(source for source, _ in two)), tuple(changes), moved, tuple(findings))


def from_outcomes(outcomes: Iterable[Outcome]) -> Iterator[Asked]:
    """Take what a proof needs from a replay of the test set."""
    for outcome in outcomes:
        answer = outcome.answer
        first = answer.entries[0] if answer.entries else ""
        yield Asked(
            outcome.id, outcome.part, outcome.question, answer.decision, first, outcome.probability, outcome.correct
        )


def from_answer(question: str, answer: Answer) -> Asked:
    """Take what a proof needs from the reply to a real question."""
    first = answer.entries[0] if answer.entries else ""
    best = answer.candidates[0].probability if answer.candidates else 0.0
    return Asked(question, REAL, question, answer.decision, first, best, None)


def proof_from(data: Mapping[str, object]) -> Proof:
    """Read what :meth:`Proof.to_json` wrote."""
    changes = data["changes"]
    figures = data["figures"]
    assert isinstance(changes, list) and isinstance(figures, dict)  # noqa: S101 - our own file's shape
    return Proof(
        asked=dict(data["asked"]),  # type: ignore[call-overload]
        changes=tuple(Change(row["kind"], Asked(**row["before"]), Asked(**row["after"])) for row in changes),
        figures={name: (pair[0], pair[1]) for name, pair in figures.items()},
        findings=tuple(data["findings"]),  # type: ignore[arg-type]
    )


def _change(before: Asked, after: Asked) -> Change | None:
    """Judge one question: by what is right where that is known, else by whether it is answered at all."""
    if (before.decision, before.entry, before.correct) == (after.decision, after.entry, after.correct):
        return None
    was, now = _good(before), _good(after)
    kind: Kind = "changed" if was == now else "gained" if now else "broken"
    return Change(kind, before, after)


def _good(asked: Asked) -> bool:
    return asked.decision == "answer" if asked.correct is None else asked.correct
