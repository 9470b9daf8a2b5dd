"""What became of the questions of each intent, and where wrong answers came from instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.evaluation.figures import by_group
from assistant.evaluation.names import DECISION_NAMES
from assistant.evaluation.outcomes import Outcome

_UNKNOWN = "（无分类）"


@dataclass(frozen=True, slots=True)
class Confusion:
    """A table of counts: ``counts[row][column]``."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def totals(self) -> tuple[int, ...]:
        """Sum of each row."""
        return tuple(sum(row) for row in self.counts)


def decisions_by_intent(outcomes: Sequence[Outcome]) -> Confusion:
    """Asked intent against what was done: answered rightly, answered wrongly, or another decision."""
    first = ("答对", "答错")
    found = _count(outcomes, _fate)
    later = [name for name in DECISION_NAMES.values() if any(name in row for row in found.values())]
    return _table(found, (*first, *later))


def categories_by_intent(outcomes: Sequence[Outcome], categories: Mapping[str, str]) -> Confusion:
    """Asked intent against the category of the entry that was answered; rows are the answered questions.

    Args:
        outcomes: of one run.
        categories: category of each entry id; a section is looked up by its article too.

    """
    answered = [outcome for outcome in outcomes if outcome.answer.decision == "answer" and outcome.answer.entries]
    found = _count(answered, lambda outcome: _category(outcome.answer.entries[0], categories))
    return _table(found, tuple(sorted({name for row in found.values() for name in row})))


def _fate(outcome: Outcome) -> str:
    if outcome.answer.decision == "answer":
        return "答对" if outcome.correct else "答错"
    return DECISION_NAMES[outcome.answer.decision]


def _category(entry: str, categories: Mapping[str, str]) -> str:
    return categories.get(entry) or categories.get(entry.partition("#")[0]) or _UNKNOWN


def _count(outcomes: Sequence[Outcome], column: Callable[[Outcome], str]) -> dict[str, Counter[str]]:
    groups = by_group([outcome for outcome in outcomes if outcome.intent], "intent")
    return {name: Counter(column(outcome) for outcome in rows) for name, rows in sorted(groups.items())}


def _table(found: Mapping[str, Counter[str]], columns: tuple[str, ...]) -> Confusion:
    return Confusion(tuple(found), columns, tuple(tuple(row[name] for name in columns) for row in found.values()))
