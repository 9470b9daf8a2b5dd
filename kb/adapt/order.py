"""In which order texts are trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_MEGA = 40
_NEIGHBOURS = 2048


class Order:
    """Batches of similar length, epoch by epoch, the same for the same seed.

    Texts are shuffled within their epoch, cut into runs of a few batches, and sorted by length within a run, so that
    little of a batch is padding. Each batch ends with some of the further texts, of a length much like each other's.

    Args:
        lengths: of all texts; those of the epochs come first, the further ones last.
        epochs: how many texts each epoch has.
        batch: texts of an epoch in a batch.
        seed: of the shuffling.
        further: further texts in a batch.
    """

    def __init__(self, lengths: Sequence[int], epochs: Sequence[int], batch: int, seed: int, further: int = 0) -> None:
        rng = np.random.default_rng(seed)
        batches = list(_batches(np.array(lengths), epochs, batch, rng))
        first = sum(epochs)
        if further and first < len(lengths):
            by_length = first + np.argsort(lengths[first:], kind="stable")
            batches = [[*own, *_alike(by_length, further, rng)] for own in batches]
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self._batches)


def _batches(
    lengths: NDArray[np.int64], epochs: Sequence[int], batch: int, rng: np.random.Generator
) -> Iterator[list[int]]:
    start = 0
    for size in epochs:
        places = start + rng.permutation(size)
        runs = [places[at : at + batch * _MEGA] for at in range(0, size, batch * _MEGA)]
        mine = [piece for run in runs for piece in _cut(run[np.argsort(lengths[run], kind="stable")], batch)]
        for number in rng.permutation(len(mine)):
            yield mine[number].tolist()
        start += size


def _cut(places: NDArray[np.int64], batch: int) -> list[NDArray[np.int64]]:
    return [places[at : at + batch] for at in range(0, len(places), batch)]


def _alike(by_length: NDArray[np.int64], count: int, rng: np.random.Generator) -> list[int]:
    """Some texts from around a random place in the order of length."""
    middle = int(rng.integers(len(by_length)))
    around = by_length[max(0, middle - _NEIGHBOURS) : middle + _NEIGHBOURS]
    chosen: list[int] = rng.choice(around, min(count, len(around)), replace=False).tolist()
    return chosen
