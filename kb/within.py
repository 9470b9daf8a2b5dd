"""Ranking for those who want only some of the knowledge: what they want, each with the probability it has among all.

Leaving the others out would make what is left look likelier than it is. So the candidates are first ranked as ever; a
unit that is none of them counts as one that has joined them, and what it is given is not taken from theirs. No
probability depends on what else was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kb.features import Candidates
from kb.ranking import Ranked, Ranker, calibrate, pool, rank
from kb.units import Unit


def rank_within(
    ranker: Ranker,
    units: Sequence[Unit],
    found: Candidates,
    more: Candidates,
    wanted: NDArray[np.bool_],
    vetoed: frozenset[int] = frozenset(),
) -> Ranked:
    """Order the wanted units for one question.

    Args:
        ranker: the fitted model.
        units: all units of the index.
        found: the candidates among all units.
        more: wanted units, none of them a boundary, that are not among these.
        wanted: (units,) which units are wanted.
        vetoed: units for which the question is a counter-example word for word.

    Returns:
        What :func:`kb.ranking.rank` returns, of the wanted units alone; the probabilities of answerable and of the
        boundaries are those among all.
    """
    among_all = rank(ranker, units, found, vetoed)
    kept = np.flatnonzero(wanted[among_all.units])
    joining = np.flatnonzero(~np.isin(more.units, list(vetoed)))
    chances = calibrate(_pooled(ranker, units, found, more), ranker.slope, ranker.intercept)[joining]
    probabilities = np.concatenate([among_all.probabilities[kept], chances])
    order = np.argsort(-probabilities, kind="stable")
    if len(kept) and kept[0] == 0:  # the one to answer with stays the first, though another be as sure
        order = np.concatenate([[0], order[order != 0]])
    return replace(
        among_all,
        units=np.concatenate([among_all.units[kept], more.units[joining]])[order],
        probabilities=probabilities[order],
        rows=np.concatenate([among_all.rows[kept], more.rows[joining]])[order],
        values=np.concatenate([among_all.values[kept], more.values[joining]])[order],
    )


def _pooled(ranker: Ranker, units: Sequence[Unit], found: Candidates, more: Candidates) -> NDArray[np.float64]:
    """Pooled share of each further unit, if it alone had joined the candidates: they give way to it alike."""
    shares = ranker.choice.shares(found.values)
    candidates = [units[unit] for unit in found.units.tolist()]
    joined = ranker.choice.shares_joining(found.values, more.values)
    pooled = [
        pool(np.append(shares * (1 - share), share), [*candidates, units[unit]])[-1]
        for unit, share in zip(more.units.tolist(), joined.tolist(), strict=True)
    ]
    return np.array(pooled, dtype=np.float64)
