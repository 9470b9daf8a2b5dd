"""Mends misspelt domain words: known misspellings from the lexicon, and homophones of the corpus' own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb.text import han_count
from kb.tokens import Tokenizer, pinyin_key

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

    def mend(self, text: str) -> str:
        """Return normalised text with domain words spelt right; text without a fault comes back unchanged."""
        for wrong, right in self._typos.items():
            if wrong in text and right not in text:
                text = text.replace(wrong, right)
        return self._mend_homophones(text)

    def _mend_homophones(self, text: str) -> str:
        position = 0
        while position < len(text):
            word = self._homophone_at(text, position)
            if word:
                text = text[:position] + word + text[position + len(word) :]
                position += len(word)
            else:
                position += 1
        return text

    def _homophone_at(self, text: str, start: int) -> str:
        for length in range(_LONGEST, _SHORTEST - 1, -1):
            piece = text[start : start + length]
            if len(piece) < length or han_count(piece) != length:
                continue
            word = self._by_sound.get(pinyin_key(piece), "")
            if word == piece:
                return word
            if word and not self._tokenizer.known(piece):
                return word
        return ""
