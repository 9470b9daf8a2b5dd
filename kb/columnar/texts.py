"""Strings as columns: one blob of UTF-8 instead of an object each, found again by hash and always compared whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.columnar.ragged import Places, Ragged, starts_of

Hashes = NDArray[np.uint32]
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Texts:
    """Many strings; each is decoded when it is asked for."""

    utf8: Ragged

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """Put strings end to end."""
        pieces = [encoded(text) for text in texts]
        blob = np.frombuffer(b"".join(pieces), dtype=np.uint8)
        return cls(Ragged(blob, starts_of([len(piece) for piece in pieces])))

    def __len__(self) -> int:
        """Number of strings."""
        return len(self.utf8)

    def __getitem__(self, place: int) -> str:
        """One string."""
        return self.bytes_at(place).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        """All strings in order."""
        blob, starts = self.utf8.values.tobytes(), self.utf8.starts.tolist()
        for start, end in zip(starts, starts[1:], strict=False):
            yield blob[start:end].decode("utf-8", "surrogatepass")

    def bytes_at(self, place: int) -> bytes:
        """One string in UTF-8."""
        return self.utf8[place].tobytes()

    def take(self, places: Places) -> Texts:
        """The strings at ``places``, in that order."""
        return Texts(self.utf8.take(places))

    def joined(self, other: Texts) -> Texts:
        """These strings and then the other's."""
        return Texts(self.utf8.joined(other.utf8))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Plain arrays to be written, their names beginning with ``name``."""
        return {name: self.utf8.values, f"{name}.starts": self.utf8.starts}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Texts:
        """Take what :meth:`arrays` gave."""
        return cls(Ragged(arrays[name], arrays[f"{name}.starts"]))


def encoded(text: str) -> bytes:
    """UTF-8 of any string, also of one with half a surrogate pair."""
    return text.encode("utf-8", "surrogatepass")


def hashes(texts: Iterable[str]) -> Hashes:
    """CRC-32 of each string's UTF-8: narrows a search down to a few places, which are then compared."""
    return np.fromiter((zlib.crc32(encoded(text)) for text in texts), dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Places by hash.

    Attributes:
        hashes: in ascending order.
        places: of the strings with these hashes; those with the same hash ascend.
    """

    hashes: Hashes
    places: NDArray[np.int32]

    @classmethod
    def of(cls, found: Hashes, places: Places | None = None) -> Lookup:
        """Sort the hashes of the strings at ``places``, of all by default."""
        order = np.argsort(found, kind="stable")
        where = order if places is None else places[order]
        return cls(found[order], where.astype(np.int32))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Plain arrays to be written, their names beginning with ``name``."""
        return {f"{name}.hashes": self.hashes, f"{name}.places": self.places}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Lookup:
        """Take what :meth:`arrays` gave."""
        return cls(arrays[f"{name}.hashes"], arrays[f"{name}.places"])

    def in_place(self) -> Hashes:
        """The hash of each string, in the order of the strings; for a look-up that holds all of them."""
        found = np.empty_like(self.hashes)
        found[self.places] = self.hashes
        return found

    def find(self, text: bytes) -> list[int]:
        """Places of strings that may be this one, in ascending order."""
        wanted = np.uint32(zlib.crc32(text))
        start = int(self.hashes.searchsorted(wanted))
        end = start
        while end < len(self.hashes) and self.hashes[end] == wanted:
            end += 1
        found: list[int] = self.places[start:end].tolist()
        return found


class Vocabulary:
    """Distinct strings, numbered. The words of one subject come again and again: some are remembered."""

    def __init__(self, texts: Texts, lookup: Lookup | None = None) -> None:
        self.texts = texts
        self.lookup = lookup or Lookup.of(hashes(texts))
        self._number = lru_cache(maxsize=_REMEMBERED)(partial(_number, self.texts, self.lookup))

    def __len__(self) -> int:
        """Number of strings."""
        return len(self.texts)

    def take(self, places: Places) -> Vocabulary:
        """The strings at ``places``, numbered anew."""
        return Vocabulary(self.texts.take(places), Lookup.of(self.lookup.in_place()[places]))

    def joined(self, other: Vocabulary) -> Vocabulary:
        """These strings and then the other's, which are none of these."""
        found = np.concatenate([self.lookup.in_place(), other.lookup.in_place()])
        return Vocabulary(self.texts.joined(other.texts), Lookup.of(found))

    def ids(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Number of each string, -1 for one that is not here."""
        return np.fromiter(map(self._number, words), dtype=np.int64, count=len(words))


def _number(texts: Texts, lookup: Lookup, word: str) -> int:
    wanted = encoded(word)
    return next((place for place in lookup.find(wanted) if texts.bytes_at(place) == wanted), -1)
