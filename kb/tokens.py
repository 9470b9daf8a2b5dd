"""Text to index terms: jieba words, character bigrams, pinyin. pypinyin is imported here and nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, pairwise

# Before pypinyin is imported: characters are looked up one by one, its 47,000 phrases would be read for nothing.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

from pypinyin import Style, lazy_pinyin  # noqa: E402
from pypinyin import pinyin as all_pinyin  # noqa: E402

from kb.dictionary import Cutter  # noqa: E402
from kb.text import is_han  # noqa: E402

_WORD = re.compile(r"\w", re.UNICODE)
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")


class Tokenizer:
    """Words of normalised text, with the corpus' own dictionary.

    Each instance owns its dictionary, so two corpora in one process do not see each other's words.
    """

    def __init__(self, user_words: Iterable[str] = (), stop_words: Iterable[str] = ()) -> None:
        self._jieba = Cutter(word for word in user_words if word)
        self._stop_words = frozenset(stop_words)
        # A question is cut for its spelling and, mostly unchanged, again for its words.
        self._cut = lru_cache(maxsize=8)(self._jieba.lcut)

    def words(self, text: str) -> list[str]:
        """Content words in search mode: long words are given whole and in parts; stop words and punctuation dropped."""
        parts = (part for word in self._cut(text) for part in (*self._within(word), word))
        return [word for word in parts if word not in self._stop_words and _WORD.search(word)]

    def edges(self, text: str) -> frozenset[int]:
        """Positions where a word begins or ends."""
        return frozenset((*accumulate(map(len, self._cut(text)), initial=0),)) if text else frozenset()

    def _within(self, word: str) -> Iterator[str]:
        """Known words of two and of three characters within a longer one, as jieba's search mode gives them."""
        for size in (2, 3):
            if len(word) > size:
                pieces = (word[start : start + size] for start in range(len(word) - size + 1))
                yield from (piece for piece in pieces if self.known(piece))

    def known(self, word: str) -> bool:
        """Tell whether the dictionary holds this word."""
        return bool(self._jieba.FREQ.get(word))

    def terms(self, text: str) -> list[str]:
        """Index terms: words, then the character bigrams of every run of Chinese characters."""
        return self.words(text) + bigrams(text)


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of Chinese characters; robust where words are cut differently or misspelt."""
    return [a + b for run in _HAN_RUN.findall(text) for a, b in pairwise(run)]


def pinyin(text: str) -> tuple[str, ...]:
    """Toneless pinyin, one syllable for each Chinese character; Latin letters and digits one by one."""
    return tuple(filter(None, map(syllable, text)))


@lru_cache(maxsize=30_000)
def syllable(char: str) -> str:
    """Toneless pinyin of a Chinese character; a letter or digit itself; "" for what is not read out."""
    if is_han(char):
        return lazy_pinyin(char)[0]
    return char if char.isalnum() else ""


def readings(char: str) -> tuple[str, ...]:
    """All toneless readings of one Chinese character (还: hai, huan), as typed: ``v`` for ü."""
    return tuple(dict.fromkeys(all_pinyin(char, style=Style.NORMAL, heteronym=True)[0]))


def pinyin_key(text: str) -> str:
    """Equal keys sound the same: the homophone form of :func:`kb.text.exact_key`."""
    return " ".join(pinyin(text))


def sound_pairs(key: str) -> frozenset[str]:
    """Overlapping pairs of syllables of a pinyin key."""
    return frozenset(f"{a}-{b}" for a, b in pairwise(key.split(" ")))
