"""jieba's general dictionary in four megabytes instead of seventy, and jieba over it with words of one's own.

jieba keeps its words and every beginning of a word in one Python dict. A trie (marisa) gives the same words: jieba only
asks which words begin at a place of a text, and how frequent a word is. jieba is imported here and nowhere else.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import jieba
import marisa_trie
import numpy as np

from kb.errors import UsageError
from kb.manifest import write_whole
from kb.paths import cache_folder

jieba.setLogLevel(logging.WARNING)

# A word of one's own must beat every split of itself that the general dictionary knows.
_OWN_FREQUENCY = 200_000
_REMEMBERED = 10_000  # words, in a megabyte
_UNSIGNED = "I"  # of 32 bits
_KEPT = f"words-{jieba.__version__}.npz"


class GeneralWords:
    """Words and their frequencies; never changed.

    Args:
        trie: the words.
        frequencies: one for each key of the trie.
        total: sum of the frequencies as jieba counts it, a word that its file lists twice counted twice.
        longest: characters of the longest word.

    """

    def __init__(self, trie: marisa_trie.Trie, frequencies: array[int], total: int, longest: int) -> None:
        self._trie = trie
        self._frequencies = frequencies
        self.total = total
        self.longest = longest
        self.beginning = trie.prefixes

    @classmethod
    def of(cls, words: Iterable[tuple[str, int]]) -> GeneralWords:
        """Take words with their frequencies; the last counts where a word comes twice, and none of frequency 0."""
        known = [(word, frequency) for word, frequency in words if frequency]
        trie = marisa_trie.Trie(word for word, _ in known)
        frequencies = array(_UNSIGNED, [0]) * len(trie)
        for word, frequency in known:
            frequencies[trie[word]] = frequency
        return cls(trie, frequencies, sum(frequency for _, frequency in known), max(len(word) for word, _ in known))

    def get(self, word: str) -> int:
        """Frequency of a word, 0 of what is none."""
        try:
            key = self._trie.get(word)
        except UnicodeEncodeError:  # half a surrogate pair
            return 0
        return 0 if key is None else self._frequencies[key]

    def save(self, path: Path) -> None:
        """Write whole or not at all: other processes may be reading.

        Raises:
            OSError: the disk does not take it.

        """
        archive = BytesIO()
        trie, frequencies = np.frombuffer(self._trie.tobytes(), np.uint8), np.asarray(self._frequencies)
        np.savez(archive, trie=trie, frequencies=frequencies, total=self.total, longest=self.longest)
        write_whole(path, archive.getvalue())

    @classmethod
    def load(cls, path: Path) -> GeneralWords:
        """Read what :meth:`save` wrote; the archive keeps checksums of it.

        Raises:
            OSError: it is missing or cannot be read.
            ValueError: it is damaged.

        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
                trie, frequencies, total, longest = (
                    parts[name] for name in ("trie", "frequencies", "total", "longest")
                )
            read = marisa_trie.Trie().frombytes(trie.tobytes())
            return cls(read, array(_UNSIGNED, frequencies.tobytes()), int(total), int(longest))
        except OSError:
            raise
        except Exception as error:  # numpy, the archive and the trie have half a dozen ways to say it
            raise ValueError(f"{path.name} is damaged: {error}") from error


class Cutter(jieba.Tokenizer):  # type: ignore[misc]  # jieba has no types
    """jieba over the general dictionary, with words of one's own that are never cut apart.

    Each instance has its own words, so two corpora in one process do not see each other's.
    """

    def __init__(self, own: Iterable[str]) -> None:
        super().__init__()
        general = general_words()
        words = dict.fromkeys(own, _OWN_FREQUENCY)
        self.FREQ = _Frequencies(general, words)
        self.total = general.total + _OWN_FREQUENCY * len(words)
        self.initialized = True
        self._general, self._own = general.beginning, marisa_trie.Trie(words).prefixes
        self._longest = max((general.longest, *map(len, words)))

    def get_DAG(self, sentence: str) -> dict[int, list[int]]:  # noqa: N802 - jieba's name
        """For each place of a text the last places of the words that begin there; itself where none does."""
        graph: dict[int, list[int]] = {}
        for place in range(len(sentence)):
            ahead = sentence[place : place + self._longest]
            ends = [place + len(word) - 1 for word in self._general(ahead)]
            if own := self._own(ahead):
                ends = sorted({*ends, *(place + len(word) - 1 for word in own)})
            graph[place] = ends or [place]
        return graph


class _Frequencies:
    """What jieba asks of its dict; of a word it asks again and again."""

    def __init__(self, general: GeneralWords, own: dict[str, int]) -> None:
        self.get = lru_cache(maxsize=_REMEMBERED)(lambda word: own.get(word) or general.get(word))


def dictionary() -> Iterator[tuple[str, int, str]]:
    """Words of jieba's general dictionary, each with its frequency and its part of speech."""
    with jieba.Tokenizer().get_dict_file() as file:
        for line in file:
            word, frequency, tag = line.decode("utf-8").split()
            yield word, int(frequency), tag


@lru_cache(maxsize=1)
def general_words() -> GeneralWords:
    """The general dictionary: as it was kept in the cache folder, or made in a second."""
    kept = _place()
    if kept is not None:
        with suppress(OSError, ValueError):
            return GeneralWords.load(kept)
    words = GeneralWords.of((word, frequency) for word, frequency, _ in dictionary())
    if kept is not None:
        with suppress(OSError):  # a full or read-only disk: it takes the second again
            words.save(kept)
    return words


def _place() -> Path | None:
    try:
        return cache_folder("jieba") / _KEPT
    except UsageError:
        return None
