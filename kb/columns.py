"""The rows of an index with their analysis, kept as columns: a million of them are a few arrays, not objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.columnar.coded import Coded
from kb.columnar.ragged import Places
from kb.columnar.texts import Hashes, Texts, hashes
from kb.query import Query

# Between a slot and its value; neither a name nor a value of the lexicon holds it, for YAML keys are one line.
_IS = "\t"


@dataclass(frozen=True, slots=True)
class Columns:
    """One column for each part of a row's text and of its :class:`Query`.

    Attributes:
        texts: the normalised text.
        mended: the text of the query where it differs, "" elsewhere.
        keys: the exact key.
        terms: BM25 terms; the first ``words`` of a row are its content words.
        sounds: syllables of the pinyin key.
        slots: slot values.
        words: (rows,) int32.
        key_hashes, sound_hashes: (rows,) of the exact key and of the pinyin key.
    """

    texts: Texts
    mended: Texts
    keys: Texts
    terms: Coded
    sounds: Coded
    slots: Coded
    words: NDArray[np.int32]
    key_hashes: Hashes
    sound_hashes: Hashes

    @classmethod
    def of(cls, texts: Sequence[str], queries: Sequence[Query]) -> Columns:
        """Lay out row texts and what they were analysed to."""
        return cls(
            texts=Texts.of(texts),
            mended=Texts.of(
                "" if query.text == text else query.text for text, query in zip(texts, queries, strict=True)
            ),
            keys=Texts.of(query.key for query in queries),
            terms=Coded.of(query.terms for query in queries),
            sounds=Coded.of(syllables(query.sound) for query in queries),
            slots=Coded.of(slot_values(query) for query in queries),
            words=np.array([len(query.words) for query in queries], dtype=np.int32),
            key_hashes=hashes(query.key for query in queries),
            sound_hashes=hashes(query.sound for query in queries),
        )

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.texts)

    def query(self, row: int) -> Query:
        """The analysis of one row, as an object."""
        slots: dict[str, set[str]] = {}
        for name in self.slots.strings(row):
            slot, _, value = name.partition(_IS)
            slots.setdefault(slot, set()).add(value)
        return Query(
            text=self.mended[row] or self.texts[row],
            key=self.keys[row],
            words=self.terms.strings(row)[: self.words[row]],
            sound=" ".join(self.sounds.strings(row)),
            slots={slot: frozenset(values) for slot, values in slots.items()},
        )

    def words_of(self, rows: Places) -> tuple[Places, NDArray[Any]]:
        """Word ids of some rows, with the position in ``rows`` that each belongs to."""
        return self.terms.ids.gather(rows, self.words[rows])

    def word_lists(self, rows: Places) -> list[list[int]]:
        """Word ids of each of a few rows."""
        return self.terms.ids.lists(rows, self.words[rows])

    def merged(self, fresh: Columns, places: Places) -> Columns:
        """The rows at ``places`` of these rows followed by the fresh ones."""
        return Columns(
            texts=self.texts.joined(fresh.texts).take(places),
            mended=self.mended.joined(fresh.mended).take(places),
            keys=self.keys.joined(fresh.keys).take(places),
            terms=self.terms.merged(fresh.terms, places),
            sounds=self.sounds.merged(fresh.sounds, places),
            slots=self.slots.merged(fresh.slots, places),
            words=np.concatenate([self.words, fresh.words])[places],
            key_hashes=np.concatenate([self.key_hashes, fresh.key_hashes])[places],
            sound_hashes=np.concatenate([self.sound_hashes, fresh.sound_hashes])[places],
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays to be written."""
        return {
            **self.texts.arrays("texts"),
            **self.mended.arrays("mended"),
            **self.keys.arrays("keys"),
            **self.terms.arrays("terms"),
            **self.sounds.arrays("sounds"),
            **self.slots.arrays("slots"),
            "words": self.words,
            "key_hashes": self.key_hashes,
            "sound_hashes": self.sound_hashes,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Columns:
        """Take what :meth:`arrays` gave.

        Raises:
            KeyError: an array is missing.
        """
        return cls(
            texts=Texts.from_arrays(arrays, "texts"),
            mended=Texts.from_arrays(arrays, "mended"),
            keys=Texts.from_arrays(arrays, "keys"),
            terms=Coded.from_arrays(arrays, "terms"),
            sounds=Coded.from_arrays(arrays, "sounds"),
            slots=Coded.from_arrays(arrays, "slots"),
            words=arrays["words"],
            key_hashes=arrays["key_hashes"],
            sound_hashes=arrays["sound_hashes"],
        )


def syllables(sound: str) -> list[str]:
    """Syllables of a pinyin key."""
    return sound.split(" ") if sound else []


def slot_values(query: Query, slots: Sequence[str] | None = None) -> list[str]:
    """The slot values of a query as they stand in the vocabulary, of some slots or of all."""
    wanted = query.slots if slots is None else [slot for slot in slots if slot in query.slots]
    return [f"{slot}{_IS}{value}" for slot in wanted for value in sorted(query.slots[slot])]


def slot_of(name: str) -> str:
    """The slot of a value of the vocabulary."""
    return name.partition(_IS)[0]


def value_of(name: str) -> str:
    """A value of the vocabulary without its slot."""
    return name.partition(_IS)[2]
