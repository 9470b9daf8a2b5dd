"""Fits the ranking model, its calibration and its cut-offs from the corpus itself, never from a test set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kb.choice import Choice, fit_choice
from kb.dense import Vectors
from kb.draws import draws
from kb.index import Index
from kb.judge import Judged, judge_rows
from kb.query import Analyzer
from kb.ranking import Cutoffs, Ranker, calibrate, leading, log_odds, logistic, pool
from kb.units import Role, UnitKind

Array = NDArray[np.float64]
_MOST_QUESTIONS = 1500
# How many of the questions asked are not ours to answer. The number of exemplars says nothing about that: hard ones
# are written by the thousand so that they are told apart.
_NOT_OURS = 1 / 3
_FEWEST_FORMS = 60
_FOLDS = 2
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True, slots=True)
class Costs:
    """What each outcome costs, with a right answer as 0 and a wrong answer as 1.

    A refusal of an answerable question names the nearest questions, so it costs less than a wrong answer; a question
    that is not ours costs most when it is answered, and nearly as much when it is met with suggestions.
    """

    wrong_answer: float = 1.0
    helpful_suggestion: float = 0.4
    vain_suggestion: float = 0.6
    refused_answerable: float = 0.5
    suggested_unanswerable: float = 0.9


def fit_ranker(
    index: Index,
    vectors: Vectors,
    analyzer: Analyzer,
    default: Ranker,
    *,
    unseen: Callable[[str], bool] | None = None,
    costs: Costs | None = None,
    seed: int = 20261123,
) -> Ranker:
    """Fit weights, calibration and cut-offs; where the corpus cannot support that, return ``default`` and say why.

    Args:
        index: the built index.
        vectors: (rows, d), the rows' vectors.
        analyzer: the analysis the index was built with.
        default: what serves when there is too little to fit.
        unseen: tells whether a form was held out of the encoder's training; None if the encoder was not adapted.
        costs: what mistakes cost.
        seed: for the choice of questions and of hidden forms.
    """
    asked = _questions(index, unseen, seed)
    reason = _too_little(index, asked)
    if reason:
        return replace(default, calibrated=False, note=reason)
    judged = judge_rows(index, vectors, analyzer, asked, seed)
    folds = draws((index.rows[int(row)].text for row in asked), seed + 1) * _FOLDS
    slope, intercept = _fit_calibration(judged, folds.astype(np.int64).tolist())
    ranker = Ranker(fit_choice([item.example for item in judged]), slope, intercept, calibrated=True)
    return replace(ranker, cutoffs=fit_cutoffs(judged, ranker, costs or Costs()))


def _questions(index: Index, unseen: Callable[[str], bool] | None, seed: int) -> NDArray[np.int64]:
    """Rows to ask: those the encoder has not been trained on, if it was trained on any.

    A digest of its text decides whether a row is among them, so that the next fit, after some entries have changed, asks
    nearly the same: what was answered well is not lost to another throw of the dice.
    """
    forms = np.flatnonzero(index.row_role == Role.FORM)
    texts = index.columns.texts.take(forms)
    forms = forms[np.argsort(draws(texts, seed), kind="stable")]
    if unseen is not None:
        held_out = np.array([row for row in forms.tolist() if unseen(index.rows[row].text)], dtype=np.int64)
        forms = held_out if len(held_out) >= _FEWEST_FORMS else forms
    boundary = index.kinds[index.row_unit[forms]] == UnitKind.BOUNDARY
    ours = np.flatnonzero(~boundary)[:_MOST_QUESTIONS]
    theirs = np.flatnonzero(boundary)[: max(int(len(ours) * _NOT_OURS / (1 - _NOT_OURS)), 1)]
    return np.asarray(forms[np.sort(np.concatenate([ours, theirs]))])


def _too_little(index: Index, asked: NDArray[np.int64]) -> str:
    owners = index.row_unit[asked]
    ours = owners[index.kinds[owners] == UnitKind.FAQ]
    entries = len(np.unique(ours))
    if len(ours) < _FEWEST_FORMS or entries < 2 or len(ours) <= 2 * entries:
        return f"相似问太少（{entries} 条知识共 {len(ours)} 个问法），无法校准；请补充相似问。目前使用出厂设置。"
    if len(ours) == len(asked):
        return "没有“不该回答”的例句（boundaries/），学不会何时不答；请补充例句。目前使用出厂设置。"
    return ""


def _fit_calibration(judged: Sequence[Judged], folds: Sequence[int]) -> tuple[float, float]:
    """Platt (1999) scaling of out-of-fold pooled shares of the best knowledge candidate; ``folds`` of each question."""
    odds, truth = [], []
    for fold in range(_FOLDS):
        choice = fit_choice([item.example for item, own in zip(judged, folds, strict=True) if own != fold])
        for item in (item for item, own in zip(judged, folds, strict=True) if own == fold):
            share, right = best_share(item, choice)
            odds.append(share)
            truth.append(right)
    return _platt(log_odds(np.array(odds)), np.array(truth))


def best_share(item: Judged, choice: Choice) -> tuple[float, float]:
    """Pooled share of the knowledge candidate to answer with, and how right it is; zeros where there is none."""
    shares = choice.shares(item.example.values)
    pooled = pool(shares, item.units)
    knowledge = [place for place, unit in enumerate(item.units) if unit.kind is not UnitKind.BOUNDARY]
    if not knowledge:
        return 0.0, 0.0
    best = leading(pooled, shares, knowledge)
    return float(pooled[best]), float(item.right[best])


def _platt(odds: Array, truth: Array) -> tuple[float, float]:
    """Fit the line; Platt's targets stay off 0 and 1 by what so many questions can tell, or a clean cut would be steep."""
    right = float(truth.sum())
    high, low = (right + 1) / (right + 2), 1 / (len(truth) - right + 2)
    truth = truth * high + (1 - truth) * low

    def loss(theta: Array) -> tuple[float, Array]:
        value = theta[0] * odds + theta[1]
        chance = logistic(value)
        likelihood = truth * -np.logaddexp(0, -value) + (1 - truth) * -np.logaddexp(0, value)
        error = (chance - truth) / len(odds)
        return float(-likelihood.mean()), np.array([error @ odds, error.sum()])

    from scipy.optimize import minimize  # only where something is fitted: it takes a while to import

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])


def fit_cutoffs(judged: Sequence[Judged], ranker: Ranker, costs: Costs) -> Cutoffs:
    """Choose the two cut-offs with the least mean cost over the judged questions; of equals those in the middle."""
    outcomes = np.array([_outcome(item, ranker) for item in judged])
    grid = np.arange(0.02, 0.99, 0.02)
    cost = np.array([[_mean_cost(outcomes, low, high, costs) for high in grid] for low in grid])
    best = np.argwhere(cost <= cost.min() + _NEGLIGIBLE)
    answerable, answer = best[np.abs(best - best.mean(axis=0)).sum(axis=1).argmin()]
    return Cutoffs(answerable=round(float(grid[answerable]), 2), answer=round(float(grid[answer]), 2))


def _outcome(item: Judged, ranker: Ranker) -> tuple[float, float, float, float, float]:
    """Mass of knowledge, probability of the best, its rightness, that of the best three, whether answerable."""
    shares = ranker.choice.shares(item.example.values)
    pooled = pool(shares, item.units)
    knowledge = [place for place, unit in enumerate(item.units) if unit.kind is not UnitKind.BOUNDARY]
    if not knowledge:
        return 0.0, 0.0, 0.0, 0.0, float(not item.expect)
    order = sorted(knowledge, key=lambda place: -pooled[place])
    first = leading(pooled, shares, knowledge)
    chance = float(calibrate(pooled[[first]], ranker.slope, ranker.intercept)[0])
    best, near = float(item.right[first]), float(item.right[[first, *order[:3]]].max())
    return float(shares[knowledge].sum()), chance, best, near, float(not item.expect)


def _mean_cost(outcomes: Array, answerable: float, answer: float, costs: Costs) -> float:
    mass, chance, right, near, ours = outcomes.T
    helpful = near * costs.helpful_suggestion + (1 - near) * costs.vain_suggestion
    suggested = np.where(ours > 0, helpful, costs.suggested_unanswerable)
    answered = np.where(chance >= answer, (1 - right) * costs.wrong_answer, suggested)
    return float(np.where(mass < answerable, ours * costs.refused_answerable, answered).mean())
