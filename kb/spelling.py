"""Mends misspelt domain words: known misspellings from the lexicon, and homophones of the corpus' own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb.text import han_count
from kb.tokens import Tokenizer, pinyin_key, syllable

_SHORTEST = 2
_LONGEST = 6


class Speller:
    """Replaces what sounds like a domain word, but is no word itself, by that word (月服 → 月付)."""

    def __init__(self, words: Iterable[str], typos: Mapping[str, str], tokenizer: Tokenizer) -> None:
        self._typos = dict(typos)
        self._tokenizer = tokenizer
        self._by_sound = {
            pinyin_key(word): word for word in words if _SHORTEST <= han_count(word) == len(word) <= _LONGEST
        }
        self._first = frozenset(key.partition(" ")[0] for key in self._by_sound)

    def mend(self, text: str) -> str:
        """Return normalised text with domain words spelt right; text without a fault comes back unchanged."""
        for wrong, right in self._typos.items():
            if wrong in text and right not in text:
                text = text.replace(wrong, right)
        return self._mend_homophones(text)

    def _mend_homophones(self, text: str) -> str:
        if not han_count(text):
            return text
        sounds = [syllable(char) for char in text]
        edges = self._tokenizer.edges(text)
        position = 0
        while position < len(text):
            begins = position in edges and sounds[position] in self._first
            word = self._homophone_at(text, sounds, edges, position) if begins else ""
            if word:
                text = text[:position] + word + text[position + len(word) :]
            position += len(word) or 1
        return text

    def _homophone_at(self, text: str, sounds: list[str], edges: frozenset[int], start: int) -> str:
        """The domain word that sounds like the text from here on, "" if there is none; the longest wins.

        Where words begin and end is respected, so that 手一抖点了 is not heard as 抖店.
        """
        for length in range(min(_LONGEST, len(text) - start), _SHORTEST - 1, -1):
            if start + length not in edges:
                continue
            word = self._by_sound.get(" ".join(sounds[start : start + length]), "")
            piece = text[start : start + length]
            if word == piece or (word and han_count(piece) == length and self._is_no_word(text, start, start + length)):
                return word
        return ""

    def _is_no_word(self, text: str, start: int, end: int) -> bool:
        """Neither the piece nor what its last character begins (月[服务]费) is a known word."""
        known = self._tokenizer.known
        return not known(text[start:end]) and not (end < len(text) and known(text[end - 1 : end + 1]))
