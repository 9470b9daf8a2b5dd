"""A question as the index sees it: normal form, mended spelling, terms, sound and slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.lexicon import Lexicon
from kb.spelling import Speller
from kb.text import exact_key, normalise
from kb.tokens import Tokenizer, bigrams, pinyin_key, sound_pairs

Slots = Mapping[str, frozenset[str]]
# The encoder reads 512 tokens; a longer story is cut, keeping its start and its end, where people ask.
_LONGEST_QUESTION = 400


@dataclass(frozen=True, slots=True)
class Query:
    """One question, analysed once.

    Attributes:
        text: normalised and mended; what is embedded.
        key: exact-match key of the text.
        words: content words with the standard names of aliases and synonyms added.
        sound: pinyin key.
        slots: slot → values named by the question.
    """

    text: str
    key: str
    words: tuple[str, ...]
    sound: str
    slots: Slots

    @property
    def terms(self) -> tuple[str, ...]:
        """Words and character bigrams, for BM25."""
        return (*self.words, *bigrams(self.text))

    @property
    def sounds(self) -> frozenset[str]:
        """Pinyin bigrams."""
        return sound_pairs(self.sound)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a text names: ``text`` is normalised and mended, ``slots`` as in :class:`Query`."""

    text: str
    slots: Slots


class Analyzer:
    """Turns text into :class:`Query`; the same analysis serves questions and indexed forms."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._tokenizer = Tokenizer((*lexicon.words, *lexicon.aliases, *lexicon.aliases.values()), lexicon.stop_words)
        self._speller = Speller(dict.fromkeys(lexicon.typos.values()), lexicon.typos, self._tokenizer)

    @property
    def names(self) -> tuple[str, ...]:
        """The corpus' own words and the other names of things."""
        return (*self._lexicon.words, *self._lexicon.aliases)

    def values(self, slot: str) -> tuple[str, ...]:
        """All values of a slot by their full names."""
        return tuple(self._lexicon.slots.get(slot, ()))

    def analyse(self, text: str) -> Query:
        """Analyse any Unicode string."""
        mended = self.mend(text)
        return Query(
            text=mended,
            key=exact_key(mended),
            words=self.words(mended),
            sound=pinyin_key(mended),
            slots=self.slots(mended),
        )

    def mend(self, text: str) -> str:
        """The normal form with known misspellings put right."""
        return self._speller.mend(shorten(normalise(text)))

    def words(self, text: str) -> tuple[str, ...]:
        """Content words of normalised text, aliases and synonyms resolved beside them."""
        words = self._tokenizer.words(text)
        standard = [self._lexicon.aliases[word] for word in words if word in self._lexicon.aliases]
        grouped = [self._lexicon.synonyms.get(word, "") for word in words]
        return tuple(dict.fromkeys([*words, *standard, *(word for word in grouped if word)]))

    def slots(self, text: str) -> Slots:
        """Slot values whose cues stand in the text; a cue inside a longer matching cue does not count."""
        return {slot: found for slot, values in self._lexicon.slots.items() if (found := _values(text, values))}


def _values(text: str, values: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found = [(cue, value) for value, cues in values.items() for cue in cues if cue in text]
    longest = [
        value for cue, value in found if not any(cue != other and cue in other and other in text for other, _ in found)
    ]
    return frozenset(longest)


def shorten(text: str) -> str:
    """Keep the first and last half of what exceeds the longest question."""
    if len(text) <= _LONGEST_QUESTION:
        return text
    half = _LONGEST_QUESTION // 2
    return f"{text[:half]} {text[-half:]}"
