"""Made-up text about anything at all, by which an encoder is kept near to what it was before it was adapted.

An encoder that learns one corpus alone forgets the rest of the language. No text of the world comes with the project,
but a dictionary does: its words, put into the places of simple sentences, touch most of the vocabulary and the ways in
which questions and articles are put together. What the sentences say is nonsense; it is their vectors, as the packaged
model gives them, that are learned from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from kb.adapt.examples import NOBODYS, Sample

_PLACE = re.compile(r"\{(\w)\}")
# Place → the dictionary's tags for it: things, doings, qualities, regions, people, bodies and works, sayings.
_TAGS: Mapping[str, tuple[str, ...]] = {
    "n": ("n", "vn"),
    "v": ("v",),
    "a": ("a", "b"),
    "r": ("ns",),
    "p": ("nr", "nrt"),
    "o": ("nt", "nz"),
    "i": ("i", "l"),
}
_QUESTIONS = (
    "什么是{n}？",
    "{n}是什么意思？",
    "{n}和{n}有什么区别？",
    "为什么{n}会{v}？",
    "{n}怎么{v}",
    "如何{v}{n}？",
    "{r}有哪些{n}？",
    "{r}在哪里",
    "{p}是谁？",
    "{p}是哪一年出生的？",
    "{p}为什么要{v}{n}？",
    "{p}的{n}叫什么名字？",
    "{o}是什么时候成立的",
    "{o}的{n}是谁",
    "{n}有多少种？",
    "{n}要多少钱",
    "哪种{n}比较{a}？",
    "{v}{n}需要什么{n}",
    "{n}{v}了怎么办",
    "{n}可以{v}吗",
    "能不能{v}{n}",
    "{i}是什么意思",
    "{i}的反义词是什么",
    "{r}的{n}怎么样？",
    "谁{v}了{n}？",
    "{y}年{r}发生了什么？",
    "{o}位于哪个城市？",
    "{n}最{a}的是哪一个",
    "我想{v}{n}，该找谁",
    "请问{r}到{r}有多远",
)
_STATEMENTS = (
    "{n}是一种{a}的{n}。",
    "{p}（{y}年－{y}年），{r}人，{n}家。",
    "{p}出生于{r}，{y}年开始{v}{n}。",
    "{r}位于{r}{n}，面积{m}平方公里，人口约{m}万。",
    "{o}成立于{y}年，总部设在{r}。",
    "{o}的{n}由{p}担任。",
    "{y}年，{p}在{r}{v}{n}。",
    "由于{n}{a}，{o}决定{v}{n}。",
    "{n}的{n}大约为{m}%，比{n}{a}。",
    "当地的{n}以{n}、{n}和{n}为主。",
    "该{n}分为{n}和{n}两类，其中{n}较为{a}。",
    "{y}年{m}月，{n}在{r}举行，共有{m}个{n}参加。",
    "如果{n}没有{v}，{n}就不能{v}。",
    "{v}{n}的时候，要注意{n}是否{a}。",
    "人们常说“{i}”，指的是{n}{a}。",
    "{p}与{p}合作，{v}了《{n}》一书。",
    "其{n}主要用于{v}{n}，也可以{v}{n}。",
    "{r}的{n}气候{a}，适合{v}{n}。",
    "根据{o}的{n}，{n}应当在{m}日内{v}。",
    "第{m}届{n}的{n}是{p}，他{v}了{m}次。",
    "{n}{v}之后，{n}变得{a}。",
    "{p}因{n}而{v}，后来{i}。",
    "{o}向{r}{v}了{m}件{n}。",
    "{n}包括{n}、{n}、{n}等。",
)
_KNOWN_AGAIN = 0.5  # how often a passage speaks of what it has spoken of
_LOOSE = 0.2  # share of texts that are words in a row
_ASKED = 0.5  # share of questions among the others
_MOST_SENTENCES = 8


class Writer:
    """Writes made-up texts from the words of a dictionary.

    Args:
        dictionary: word, frequency and part of speech, as :func:`kb.tokens.dictionary` gives them.
        rng: chooses.
    """

    def __init__(self, dictionary: Iterable[tuple[str, int, str]], rng: np.random.Generator) -> None:
        places = {tag: place for place, tags in _TAGS.items() for tag in tags}
        words: dict[str, list[str]] = {place: [] for place in _TAGS}
        counts: dict[str, list[int]] = {place: [] for place in _TAGS}
        for word, frequency, tag in dictionary:
            place = places.get(tag)
            if place is not None and len(word) > 1:
                words[place].append(word)
                counts[place].append(frequency)
        self._rng = rng
        self._words = {place: _Urn(words[place], counts[place], rng) for place in _TAGS}

    def texts(self, count: int) -> list[Sample]:
        """Return that many texts: half of them questions, the others sentences, passages and words in a row."""
        return [self._text() for _ in range(count)]

    def _text(self) -> Sample:
        if self._rng.random() < _LOOSE:
            return Sample(self._loose(), NOBODYS, bool(self._rng.random() < 0.5))
        if self._rng.random() < _ASKED:
            return Sample(self._filled(_QUESTIONS, {}), NOBODYS, False)
        topic: dict[str, str] = {}
        length = int(self._rng.integers(1, _MOST_SENTENCES + 1))
        return Sample("".join(self._filled(_STATEMENTS, topic) for _ in range(length)), NOBODYS, True)

    def _loose(self) -> str:
        places = list(self._words)
        count = int(self._rng.geometric(0.15)) + 1
        return "".join(self._words[places[int(self._rng.integers(len(places)))]].draw() for _ in range(min(count, 40)))

    def _filled(self, forms: Sequence[str], topic: dict[str, str]) -> str:
        """A sentence with words in its places; once in a sentence, a word that the passage has spoken of comes again."""
        form = forms[int(self._rng.integers(len(forms)))]
        again = {place: word for place, word in topic.items() if self._rng.random() < _KNOWN_AGAIN}
        spoken: dict[str, str] = {}
        sentence = _PLACE.sub(lambda found: self._word(found[1], again, spoken), form)
        topic.update(spoken)
        return sentence

    def _word(self, place: str, again: dict[str, str], spoken: dict[str, str]) -> str:
        if place == "y":
            return str(self._rng.integers(1600, 2030))
        if place == "m":
            return str(self._rng.integers(1, 100))
        word = again.pop(place, None) or self._words[place].draw()
        spoken.setdefault(place, word)
        return word


class _Urn:
    """Draws words, a frequent one more often, but by far not as often as it is frequent."""

    _AHEAD = 4096

    def __init__(self, words: Sequence[str], counts: Sequence[int], rng: np.random.Generator) -> None:
        shares = np.sqrt(np.asarray(counts, dtype=np.float64) + 1)
        self._words, self._bounds, self._rng = words, np.cumsum(shares / shares.sum()), rng
        self._drawn: list[int] = []

    def draw(self) -> str:
        if not self._drawn:
            places = np.searchsorted(self._bounds, self._rng.random(self._AHEAD))
            self._drawn = np.minimum(places, len(self._words) - 1).tolist()
        return self._words[self._drawn.pop()]
