"""Asks the corpus' own forms and exemplars as if they were not in the index: the examples that fitting learns from.

What a form's unit scores when the form, its near copies and a part of its siblings are hidden is what a stranger's
wording would score (leave-one-out, made a little harder).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.choice import Example
from kb.dense import Vectors
from kb.draws import draws
from kb.features import Candidates
from kb.index import Index
from kb.query import Analyzer
from kb.units import Role, Unit, UnitKind
from kb.unseen import unseen

Array = NDArray[np.float64]
# A near copy of the asked form gives the answer away as surely as the form itself.
_NEAR_COPY = 0.97
# People ask in words that the corpus' writers did not think of: a part of each unit's forms is hidden as well.
_HIDDEN_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Judged:
    """A question from the corpus with its candidates and the truth.

    Attributes:
        units: the candidate units, in the order of ``example.values``.
        example: what the choice model is fitted on.
        right: (c,) how likely each candidate answers the question; zeros for an unanswerable one.
        expect: the decision an unanswerable question calls for; empty for an answerable one.
    """

    units: tuple[Unit, ...]
    example: Example
    right: Array
    expect: str


def judge_rows(
    index: Index, vectors: Vectors, analyzer: Analyzer, asked: Sequence[int] | NDArray[np.int64], seed: int
) -> list[Judged]:
    """Ask the given rows' texts; ``vectors`` are those of all rows, shape (rows, d).

    Whether a form is hidden from a question depends on their texts and on the seed, not on what else there is.
    """
    siblings, texts = _rows_by_unit(index), list(index.columns.texts)
    return [_judge(index, vectors, analyzer, int(row), siblings, texts, seed) for row in asked]


def _rows_by_unit(index: Index) -> dict[int, NDArray[np.int64]]:
    forms = np.flatnonzero(index.row_role == Role.FORM)
    # rows stand in the order of their units, so each unit's are one stretch
    units, starts = np.unique(index.row_unit[forms], return_index=True)
    return dict(zip(units.tolist(), np.split(forms, starts[1:]), strict=True)) if len(units) else {}


def _judge(
    index: Index,
    vectors: Vectors,
    analyzer: Analyzer,
    row: int,
    by_unit: dict[int, NDArray[np.int64]],
    texts: Sequence[str],
    seed: int,
) -> Judged:
    unit, text = int(index.row_unit[row]), texts[row]
    siblings = by_unit[unit]
    near = siblings[vectors[siblings] @ vectors[row] >= _NEAR_COPY]
    dropped = siblings[draws((f"{text}\n{texts[other]}" for other in siblings.tolist()), seed) < _HIDDEN_SHARE]
    found = unseen(index, analyzer.analyse(text), vectors[row], row, {*near.tolist(), *dropped.tolist()})
    return _judged(index, found, unit)


def _judged(index: Index, found: Candidates, unit: int) -> Judged:
    meant = index.units[unit]
    units = tuple(index.units[other] for other in found.units.tolist())
    if meant.kind is UnitKind.BOUNDARY:
        alike = np.array([float(other.expect == meant.expect) for other in units])
        example = Example(found.values, alike, none_right=meant.expect == "refuse")
        return Judged(units, example, np.zeros(len(units)), meant.expect)
    own = (found.units == unit).astype(np.float64)
    example = Example(found.values, own, none_right=not own.any())
    return Judged(units, example, np.array([_rightness(other, meant) for other in units]), "")


def _rightness(other: Unit, meant: Unit) -> float:
    """How likely ``other`` answers a question meant for ``meant``: the part of its facts that it states too."""
    if other.id == meant.id:
        return 1.0
    return len(set(other.facts) & set(meant.facts)) / len(meant.facts) if meant.facts else 0.0
