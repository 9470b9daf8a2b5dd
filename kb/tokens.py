"""Text to index terms: jieba words, character bigrams, pinyin. jieba and pypinyin are imported here and nowhere else."""

from __future__ import annotations

import logging
import marshal
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import jieba

# Before pypinyin is imported: characters are looked up one by one, its 47,000 phrases would be read for nothing.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

from pypinyin import Style, lazy_pinyin  # noqa: E402
from pypinyin import pinyin as all_pinyin  # noqa: E402

from kb.errors import UsageError  # noqa: E402
from kb.paths import cache_folder  # noqa: E402
from kb.text import is_han  # noqa: E402

jieba.setLogLevel(logging.WARNING)

_WORD = re.compile(r"\w", re.UNICODE)
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
# A user word must beat every split of itself that the general dictionary knows.
_USER_WORD_FREQUENCY = 200_000
_COPY = "jieba.cache"


class Tokenizer:
    """Words of normalised text, with the corpus' own dictionary.

    Each instance owns its dictionary, so two corpora in one process do not see each other's words.
    """

    def __init__(self, user_words: Iterable[str] = (), stop_words: Iterable[str] = ()) -> None:
        general = _general()
        self._jieba = jieba.Tokenizer()
        self._jieba.FREQ, self._jieba.total, self._jieba.initialized = dict(general.FREQ), general.total, True
        self._user_words = tuple(dict.fromkeys(word for word in user_words if word))
        for word in self._user_words:
            self._jieba.add_word(word, freq=_USER_WORD_FREQUENCY)
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


def dictionary() -> Iterator[tuple[str, int, str]]:
    """Words of jieba's general dictionary, each with its frequency and its part of speech."""
    with jieba.Tokenizer().get_dict_file() as file:
        for line in file:
            word, frequency, tag = line.decode("utf-8").split()
            yield word, int(frequency), tag


@lru_cache(maxsize=1)
def _general() -> jieba.Tokenizer:
    """The general dictionary, read once for all tokenizers."""
    tokenizer = jieba.Tokenizer()
    # jieba keeps a parsed copy of its dictionary in a temporary folder: use ours, not one shared with strangers.
    with _parsed_copy() as folder:
        tokenizer.tmp_dir = str(folder)
        tokenizer.cache_file = _COPY
        if not _taken_whole(tokenizer, folder / _COPY):
            tokenizer.initialize()
    return tokenizer


def _taken_whole(tokenizer: jieba.Tokenizer, copy: Path) -> bool:
    """Take the parsed copy as jieba does, which reads it piece by piece: that takes more than twice as long."""
    try:
        words, total = marshal.loads(copy.read_bytes())  # noqa: S302 - a file of ours
    except (OSError, EOFError, ValueError, TypeError):
        return False  # missing or damaged: jieba makes it anew
    if not isinstance(words, dict) or not isinstance(total, int):
        return False
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = words, total, True
    return True


@contextmanager
def _parsed_copy() -> Iterator[Path]:
    """Where the parsed copy lies; where nothing can be kept (a read-only disk) it is made anew, which takes a second."""
    try:
        folder = cache_folder("jieba")
        usable = any(folder.iterdir()) or os.access(folder, os.W_OK)
    except (UsageError, OSError):  # also that of another account
        usable = False
    if usable:
        yield folder
        return
    with TemporaryDirectory() as private:
        yield Path(private)


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
