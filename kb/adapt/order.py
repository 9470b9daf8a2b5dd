"""In which order texts are trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_MEGA = 40
_NEIGHBOURS = 2048
_ONE_IN = 3  # of all texts, in a pass over the hard ones
_HARD = 0.7  # of those that are taken; the others are any, so that nothing is forgotten
_JITTER = 0.05  # of sureness: texts that are equally sure, or were never seen, come in any order

Rows = NDArray[np.int64]
Sureness = Callable[[int], NDArray[np.float32]]


class Order:
    """Batches of similar length, pass by pass, the same for the same seed and sureness.

    A pass goes over all texts, or over a third of them, mostly those whose unit the encoder is least sure of: there is
    something to learn (Jiang et al. 2019, Selective-Backprop). Texts are shuffled within their pass, cut into runs of a
    few batches, and sorted by length within a run, so that little of a batch is padding. Each batch ends with some of
    the further texts, of a length much like each other's. What is yielded are numbers of rows, each a way in which a
    text is written.

    Args:
        rows: (passes, texts), the row of each text in each pass.
        lengths: of all rows.
        batch: texts of a pass in a batch.
        seed: of the shuffling.
        hard: how many of the last passes go over a third.
        sureness: asked with n for the n-th of these, when its first batch is wanted (a trainer reads one batch ahead),
            gives (texts,) how sure the encoder is of each text's unit, 0 to 1.
        further: rows of the further texts.
        beside: further texts in a batch.
    """

    def __init__(
        self,
        rows: Rows,
        lengths: Sequence[int],
        batch: int,
        seed: int,
        *,
        hard: int = 0,
        sureness: Sureness,
        further: Sequence[int] = (),
        beside: int = 0,
    ) -> None:
        self._rows, self._lengths, self._batch, self._seed = rows, np.asarray(lengths), batch, seed
        passes, texts = rows.shape
        self._whole = passes - hard
        self._sizes = [texts] * self._whole + [-(-texts // _ONE_IN)] * hard
        self._sureness = sureness
        known = np.asarray(further, dtype=np.int64)
        self._further = known[np.argsort(self._lengths[known], kind="stable")]
        self._beside = beside

    def __len__(self) -> int:
        return sum(-(-size // self._batch) for size in self._sizes)

    def __iter__(self) -> Iterator[list[int]]:
        rng = np.random.default_rng(self._seed)
        for number, rows in enumerate(self._rows):
            chosen = rng.permutation(rows) if number < self._whole else rows[self._least_sure(number, rng)]
            for batch in self._batches(chosen, rng):
                yield [*batch.tolist(), *self._others(rng)]

    def _least_sure(self, number: int, rng: np.random.Generator) -> Rows:
        sure = self._sureness(number - self._whole)
        ranked = np.argsort(sure + _JITTER * rng.random(len(sure)), kind="stable")
        size = self._sizes[number]
        hard = round(_HARD * size)
        return rng.permutation(np.concatenate([ranked[:hard], rng.choice(ranked[hard:], size - hard, replace=False)]))

    def _batches(self, chosen: Rows, rng: np.random.Generator) -> Iterator[Rows]:
        runs = _cut(chosen, self._batch * _MEGA)
        mine = [
            piece for run in runs for piece in _cut(run[np.argsort(self._lengths[run], kind="stable")], self._batch)
        ]
        for number in rng.permutation(len(mine)):
            yield mine[number]

    def _others(self, rng: np.random.Generator) -> list[int]:
        """Some further texts from around a random place in the order of length."""
        if not len(self._further) or not self._beside:
            return []
        middle = int(rng.integers(len(self._further)))
        around = self._further[max(0, middle - _NEIGHBOURS) : middle + _NEIGHBOURS]
        chosen: list[int] = rng.choice(around, min(self._beside, len(around)), replace=False).tolist()
        return chosen


def _cut(rows: Rows, size: int) -> list[Rows]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]
