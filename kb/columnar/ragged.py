"""Lists of numbers of different lengths, end to end in one array."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Many lists: list ``i`` is ``values[starts[i]:starts[i + 1]]``.

    Attributes:
        values: all numbers.
        starts: (lists + 1,) where each list begins; the last one is the number of values.
    """

    values: NDArray[Any]
    starts: Places

    @classmethod
    def of(cls, lists: Iterable[Iterable[int]]) -> Ragged:
        """Put lists of int32 end to end."""
        kept = [list(numbers) for numbers in lists]
        values = np.fromiter(chain.from_iterable(kept), dtype=np.int32)
        return cls(values, starts_of([len(numbers) for numbers in kept]))

    def __len__(self) -> int:
        """Number of lists."""
        return len(self.starts) - 1

    def __getitem__(self, place: int) -> NDArray[Any]:
        """One list."""
        return self.values[self.starts[place] : self.starts[place + 1]]

    @property
    def lengths(self) -> Places:
        """(lists,) length of each."""
        return np.diff(self.starts)

    def owners(self) -> Places:
        """(values,) the list that each value belongs to."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def take(self, places: Places) -> Ragged:
        """The lists at ``places``, in that order; runs of neighbours are copied as one."""
        if not len(places):
            return Ragged(self.values[:0], np.zeros(1, dtype=np.int64))
        ends = np.append(np.flatnonzero(np.diff(places) != 1), len(places) - 1)
        firsts = places[np.append(0, ends[:-1] + 1)]
        pieces = zip(self.starts[firsts].tolist(), self.starts[places[ends] + 1].tolist(), strict=True)
        values = np.concatenate([self.values[start:end] for start, end in pieces])
        return Ragged(values, starts_of(self.lengths[places]))

    def gather(self, places: Places, lengths: NDArray[Any] | None = None) -> tuple[Places, NDArray[Any]]:
        """The values of some lists, or their first ``lengths``, with the position in ``places`` each belongs to."""
        starts = self.starts[places]
        return spread(self.values, starts, self.starts[places + 1] - starts if lengths is None else lengths)

    def lists(self, places: Places, lengths: NDArray[Any] | None = None) -> list[list[int]]:
        """Some lists, or their first ``lengths``, as Python has them: for a few short ones quicker to work on."""
        starts = self.starts[places]
        ends = self.starts[places + 1] if lengths is None else starts + lengths
        return [self.values[start:end].tolist() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]

    def joined(self, other: Ragged) -> Ragged:
        """These lists and then the other's."""
        return Ragged(
            np.concatenate([self.values, other.values]),
            np.concatenate([self.starts, other.starts[1:] + self.starts[-1]]),
        )


def spread(values: NDArray[Any], starts: Places, lengths: NDArray[Any]) -> tuple[Places, NDArray[Any]]:
    """Values of the spans of these starts and lengths, with the span that each belongs to."""
    owners = np.repeat(np.arange(len(starts)), lengths)
    shift = starts - (np.cumsum(lengths) - lengths)
    return owners, values[np.arange(len(owners)) + shift[owners]]


def starts_of(lengths: NDArray[Any] | list[int]) -> Places:
    """Where lists of these lengths begin when they stand end to end, and where the last one ends."""
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
