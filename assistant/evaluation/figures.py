"""The figures of a run, exactly as the JSON report holds them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

import numpy as np

from assistant.evaluation.outcomes import Outcome, Part
from kb import metrics

Figures = dict[str, object]
_DIGITS = 4


def report_json(parts: Sequence[Part], outcomes: Sequence[Outcome]) -> Figures:
    """Build the whole report; see "The test set and its command" in the design."""
    by_part: dict[Part, list[Outcome]] = {part: [] for part in parts}
    for outcome in outcomes:
        by_part[outcome.part].append(outcome)
    singles = [*by_part.get("answerable", ()), *by_part.get("unanswerable", ())]
    return {
        **{part: _FIGURES[part](rows) for part, rows in by_part.items()},
        "auroc": number(separation(singles)),
        "ece": number(calibration_error(singles)),
        "latency_ms": _latency(outcomes),
        "rows": [outcome.to_row() for outcome in singles],
    }


def number(value: float) -> float | None:
    """Four decimals; None where undefined."""
    return None if math.isnan(value) else round(value, _DIGITS)


def flat(report: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, float | None]]:
    """Every figure of a JSON report under a dotted name; rows and groups (by_intent …) are left out."""
    for name, value in report.items():
        if isinstance(value, Mapping) and not name.startswith("by_"):
            yield from flat(value, f"{prefix}{name}.")
        elif value is None or isinstance(value, int | float):
            yield f"{prefix}{name}", value


def separation(outcomes: Iterable[Outcome]) -> float:
    """AUROC of the top candidate's probability, answerable against unanswerable; NaN unless there are both."""
    chances: dict[str, list[float]] = {"answerable": [], "unanswerable": []}
    for outcome in outcomes:
        chances[outcome.part].append(outcome.probability)
    return metrics.auroc(chances["answerable"], chances["unanswerable"])


def calibration_error(outcomes: Iterable[Outcome]) -> float:
    """ECE of the top candidate's probability against its being right."""
    return metrics.expected_calibration_error(*predictions(outcomes))


def predictions(outcomes: Iterable[Outcome]) -> tuple[metrics.Floats, metrics.Floats]:
    """Probability of the first candidate of each single question, and whether it is right.

    An answerable question without gold is left out: nobody knows what would be right.
    """
    known = [row for row in outcomes if row.part == "unanswerable" or (row.part == "answerable" and row.gold)]
    return np.array([row.probability for row in known]), np.array([float(row.rank == 1) for row in known])


def ranks(outcomes: Iterable[Outcome]) -> metrics.Ints:
    """Rank of the first right candidate of each question that has gold, 0 for none."""
    return np.array([outcome.rank for outcome in outcomes if outcome.gold], dtype=np.int64)


def share(outcomes: Iterable[Outcome], test: Callable[[Outcome], bool]) -> float | None:
    """Share of the outcomes that pass a test; None of nothing."""
    return number(metrics.mean([test(outcome) for outcome in outcomes]))


def decided(*decisions: str) -> Callable[[Outcome], bool]:
    """Make a test: the reply is one of these decisions."""
    return lambda outcome: outcome.answer.decision in decisions


def answered_wrong(outcome: Outcome) -> bool:
    """Answered, and not rightly."""
    return outcome.answer.decision == "answer" and not outcome.correct


def _answerable(rows: Sequence[Outcome]) -> Figures:
    found = ranks(rows)
    return {
        "n": len(rows),
        **{f"hit@{k}": number(metrics.mean(metrics.hit_at(found, k))) for k in (1, 3, 10)},
        "mrr@10": number(metrics.mean(metrics.reciprocal_rank_at(found, 10))),
        "answered_correct": share(rows, attrgetter("correct")),
        "answered_wrong": share(rows, answered_wrong),
        "clarified": share(rows, decided("clarify")),
        "suggested": share(rows, decided("suggest")),
        "refused": share(rows, attrgetter("refused")),
        "clarify_recall": share([row for row in rows if row.expect == "clarify"], decided("clarify", "suggest")),
        "clarify_needless": share([row for row in rows if row.expect == "answer"], decided("clarify")),
        "by_intent": grouped(rows, "intent", _hits),
        "by_style": grouped(rows, "style", _hits),
    }


def _hits(rows: Sequence[Outcome]) -> Figures:
    return {"n": len(rows), "hit@1": number(metrics.mean(metrics.hit_at(ranks(rows), 1)))}


def _unanswerable(rows: Sequence[Outcome]) -> Figures:
    return {**_refusals(rows), "by_kind": grouped(rows, "kind", _refusals)}


def _refusals(rows: Sequence[Outcome]) -> Figures:
    return {
        "n": len(rows),
        "refused": share(rows, attrgetter("refused")),
        "expect_met": share(rows, attrgetter("correct")),
    }


def _dialogues(rows: Sequence[Outcome]) -> Figures:
    whole = list(by_group(rows, "dialogue").values())
    return {
        "n": len(whole),
        "turns": len(rows),
        "turns_correct": share(rows, attrgetter("correct")),
        "dialogues_correct": number(metrics.mean([all(turn.correct for turn in turns) for turns in whole])),
    }


_FIGURES: dict[Part, Callable[[Sequence[Outcome]], Figures]] = {
    "answerable": _answerable,
    "unanswerable": _unanswerable,
    "dialogues": _dialogues,
}


def grouped(rows: Sequence[Outcome], group: str, figures: Callable[[Sequence[Outcome]], Figures]) -> Figures:
    """Figures of each group in order of name; questions that name no group are left out."""
    return {name: figures(members) for name, members in sorted(by_group(rows, group).items()) if name}


def by_group(rows: Iterable[Outcome], group: str) -> dict[str, list[Outcome]]:
    """Outcomes by their intent, style, kind or dialogue, in order of appearance."""
    found: dict[str, list[Outcome]] = {}
    for row in rows:
        found.setdefault(getattr(row, group), []).append(row)
    return found


def _latency(outcomes: Sequence[Outcome]) -> Figures:
    times = [outcome.milliseconds for outcome in outcomes]
    values = np.percentile(times, [50, 95, 99]).tolist() if times else [math.nan] * 3
    return {name: number(value) for name, value in zip(("p50", "p95", "p99"), values, strict=True)}
