"""Bootstrap intervals of a run's figures, for people; the JSON report holds the figures alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from assistant.evaluation.figures import (
    answered_wrong,
    by_group,
    calibration_error,
    predictions,
    ranks,
    separation,
)
from assistant.evaluation.outcomes import Outcome
from kb import metrics
from kb.metrics import Interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; ``n`` is how many questions or dialogues it rests on."""

    name: str
    n: int
    value: float
    interval: Interval


def estimates(outcomes: Sequence[Outcome], *, samples: int = 1000, seed: int = metrics.SEED) -> tuple[Estimate, ...]:
    """Every headline figure that is defined, with its interval.

    Args:
        outcomes: of one run.
        samples: resamplings for each figure.
        seed: equal seeds give equal intervals.

    """
    found = [*_means(outcomes, samples, seed), *_pooled(outcomes, samples, seed), *_turns(outcomes, samples, seed)]
    return tuple(estimate for estimate in found if not np.isnan(estimate.value))


def _means(outcomes: Sequence[Outcome], samples: int, seed: int) -> Iterator[Estimate]:
    for name, values in _values(outcomes).items():
        interval = metrics.bootstrap_mean(values, samples=samples, seed=seed)
        yield Estimate(name, len(values), metrics.mean(values), interval)


def _values(outcomes: Sequence[Outcome]) -> dict[str, metrics.Floats]:
    """Per-question values of every figure that is a mean over questions."""
    ours, theirs = ([row for row in outcomes if row.part == part] for part in ("answerable", "unanswerable"))
    found = ranks(ours)
    return {
        **{f"answerable.hit@{k}": metrics.hit_at(found, k) for k in (1, 3, 10)},
        "answerable.mrr@10": metrics.reciprocal_rank_at(found, 10),
        "answerable.answered_correct": _flags(ours, attrgetter("correct")),
        "answerable.answered_wrong": _flags(ours, answered_wrong),
        "unanswerable.refused": _flags(theirs, attrgetter("refused")),
        "unanswerable.expect_met": _flags(theirs, attrgetter("correct")),
    }


def _flags(rows: Sequence[Outcome], test: Callable[[Outcome], bool]) -> metrics.Floats:
    return np.array([float(test(row)) for row in rows])


def _pooled(outcomes: Sequence[Outcome], samples: int, seed: int) -> Iterator[Estimate]:
    """Figures that no mean over questions gives: resample the questions and compute them anew."""
    singles = [row for row in outcomes if row.part != "dialogues"]
    chance = np.array([row.probability for row in singles])
    ours = np.array([row.part == "answerable" for row in singles], dtype=bool)

    def resampled_auroc(drawn: metrics.Ints) -> float:
        return metrics.auroc(chance[drawn][ours[drawn]], chance[drawn][~ours[drawn]])

    interval = metrics.bootstrap(resampled_auroc, len(singles), samples=samples, seed=seed)
    yield Estimate("auroc", len(singles), separation(singles), interval)
    given, right = predictions(singles)

    def resampled_ece(drawn: metrics.Ints) -> float:
        return metrics.expected_calibration_error(given[drawn], right[drawn])

    interval = metrics.bootstrap(resampled_ece, len(given), samples=samples, seed=seed)
    yield Estimate("ece", len(given), calibration_error(singles), interval)


def _turns(outcomes: Sequence[Outcome], samples: int, seed: int) -> Iterator[Estimate]:
    """Resample whole dialogues, because the turns of one hang together."""
    whole = list(by_group([row for row in outcomes if row.part == "dialogues"], "dialogue").values())
    right = np.array([sum(turn.correct for turn in turns) for turns in whole], dtype=np.float64)
    turns = np.array([len(turns) for turns in whole], dtype=np.float64)

    def turns_correct(drawn: metrics.Ints) -> float:
        return float(right[drawn].sum() / turns[drawn].sum())

    if whole:
        interval = metrics.bootstrap(turns_correct, len(whole), samples=samples, seed=seed)
        yield Estimate("dialogues.turns_correct", len(whole), turns_correct(np.arange(len(whole))), interval)
        perfect = right == turns
        spread = metrics.bootstrap_mean(perfect, samples=samples, seed=seed)
        yield Estimate("dialogues.dialogues_correct", len(whole), metrics.mean(perfect), spread)
