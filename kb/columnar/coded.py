"""Lists of strings as numbers of one vocabulary: words, syllables and slot values of all rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.columnar.ragged import Places, Ragged
from kb.columnar.texts import Lookup, Texts, Vocabulary


@dataclass(frozen=True, slots=True)
class Coded:
    """A list of strings for each row; the vocabulary holds what the rows hold, in order of first occurrence."""

    ids: Ragged
    vocabulary: Vocabulary

    @classmethod
    def of(cls, lists: Iterable[Iterable[str]]) -> Coded:
        """Number the strings of each row."""
        known: dict[str, int] = {}
        ids = Ragged.of([known.setdefault(word, len(known)) for word in words] for words in lists)
        return cls(ids, Vocabulary(Texts.of(known)))

    def strings(self, row: int) -> tuple[str, ...]:
        """The strings of one row."""
        return tuple(self.vocabulary.texts[number] for number in self.ids[row].tolist())

    def merged(self, fresh: Coded, places: Places) -> Coded:
        """The rows at ``places`` of these rows followed by the fresh ones."""
        words = list(fresh.vocabulary.texts)
        number = self.vocabulary.ids(words)
        new = number < 0
        number[new] = len(self.vocabulary) + np.arange(np.count_nonzero(new))
        vocabulary = self.vocabulary.joined(fresh.vocabulary.take(np.flatnonzero(new)))
        ids = self.ids.joined(Ragged(number[fresh.ids.values].astype(np.int32), fresh.ids.starts))
        return _renumbered(ids.take(places), vocabulary)

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Plain arrays to be written, their names beginning with ``name``."""
        return {
            f"{name}.ids": self.ids.values,
            f"{name}.ids.starts": self.ids.starts,
            **self.vocabulary.texts.arrays(f"{name}.vocabulary"),
            **self.vocabulary.lookup.arrays(f"{name}.vocabulary"),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Coded:
        """Take what :meth:`arrays` gave."""
        words = f"{name}.vocabulary"
        vocabulary = Vocabulary(Texts.from_arrays(arrays, words), Lookup.from_arrays(arrays, words))
        return cls(Ragged(arrays[f"{name}.ids"], arrays[f"{name}.ids.starts"]), vocabulary)


def _renumbered(ids: Ragged, vocabulary: Vocabulary) -> Coded:
    """Drop the strings that no row holds and number the others as if all rows had been numbered anew."""
    values = ids.values
    first = np.full(len(vocabulary), len(values), dtype=np.int64)
    # of a number that stands more than once the last assignment stays: backwards, that is its first occurrence
    first[values[::-1]] = np.arange(len(values) - 1, -1, -1)
    used = np.flatnonzero(first < len(values))
    order = used[np.argsort(first[used])]
    number = np.empty(len(vocabulary), dtype=np.int32)
    number[order] = np.arange(len(order))
    return Coded(Ragged(number[values], ids.starts), vocabulary.take(order))
