"""As many question forms as wanted, made from the corpus' own: texts are varied, vectors perturbed, nothing encoded.

Entries are copied until there are enough forms; what a copy changes is

- its subject: in every second copy the product has a name of its own, so that the vocabulary grows with the size, and
  the whole copy is moved by a part of the difference of two entries' mean vectors;
- each form's wording: its head is joined to the tail of a sibling, or it loses a character, or gets a filler; its
  vector is moved by a part of the difference of two forms that mean the same.

So every displacement is one that real questions show, along the directions in which they differ: random noise in 384
dimensions would be orthogonal to all of them, and easy to search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.dense import Vectors

# Parts of a difference that are added: a copy's mean lies as near to its original as neighbouring entries lie to each
# other, a form as near to its original as two wordings of one question.
_MOVE_ENTRY = 0.7
_MOVE_FORM = (0.4, 0.9)
_FILLERS = ("请问", "麻烦问下", "我想问", "那个", "你好，", "急，", "为啥", "到底", "就是", "求助，")
_PRODUCT = "月付"
_SYLLABLES = "蓝云星橙海风竹雪鹿桃金月晴梦舟禾松岩溪谷雨霜燕雀鹤荷兰菊梅枫桐柏棠"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry's question forms with their vectors, (forms, d) and L2-normalised."""

    id: str
    forms: tuple[str, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Copy:
    """An entry to index: ``of`` is the position of the real entry it was made from, ``number`` 0 for that one itself."""

    of: int
    number: int
    entry: Entry


def copies(entries: Sequence[Entry], count: int, seed: int) -> Iterator[Copy]:
    """Yield the entries themselves, in a seeded order, then copies of them, until there are ``count`` forms."""
    rng = np.random.default_rng(seed)
    means = _unit(np.stack([entry.vectors.mean(axis=0) for entry in entries]))
    vectors = np.vstack([entry.vectors for entry in entries])
    owner = np.repeat(np.arange(len(entries)), [len(entry.forms) for entry in entries])
    siblings = _sibling_differences(vectors, owner, rng)
    left, number = count, 0
    while left > 0:
        for of in rng.permutation(len(entries)).tolist():
            found = entries[of] if number == 0 else _copy(entries[of], number, means, siblings, rng)
            found = Entry(found.id, found.forms[:left], found.vectors[:left])
            left -= len(found.forms)
            yield Copy(of, number, found)
            if left <= 0:
                return
        number += 1


def _copy(entry: Entry, number: int, means: Vectors, siblings: Vectors, rng: np.random.Generator) -> Entry:
    one, other = rng.integers(len(means), size=2)
    part = rng.uniform(*_MOVE_FORM, size=(len(entry.forms), 1)).astype(np.float32)
    moved = entry.vectors + _MOVE_ENTRY * (means[one] - means[other])
    moved += part * siblings[rng.integers(len(siblings), size=len(entry.forms))]
    name = "".join(rng.choice(list(_SYLLABLES), 2)) + "付" if number % 2 else _PRODUCT
    forms: dict[str, int] = {}
    for row in range(len(entry.forms)):
        forms.setdefault(_varied(entry.forms, row, rng).replace(_PRODUCT, name), row)
    return Entry(f"{entry.id}~{number}", tuple(forms), _unit(moved)[list(forms.values())])


def _varied(forms: Sequence[str], row: int, rng: np.random.Generator) -> str:
    text, sibling = forms[row], forms[int(rng.integers(len(forms)))]
    choice, place = rng.random(), rng.random()
    if choice < 0.5:
        text = text[: 1 + int(place * len(text))] + sibling[int(place * len(sibling)) :]
    elif len(text) > 4:
        gone = int(place * len(text))
        text = text[:gone] + text[gone + 1 :]
    filler = _FILLERS[int(rng.integers(len(_FILLERS)))] if rng.random() < 0.5 else ""
    return filler + text


def _sibling_differences(vectors: Vectors, owner: NDArray[np.int64], rng: np.random.Generator) -> Vectors:
    """Difference of each form and another one of the same entry, (forms, d); zeros where it is alone."""
    other = np.arange(len(vectors))
    for one in np.unique(owner):
        rows = np.flatnonzero(owner == one)
        other[rows] = np.roll(rng.permutation(rows), 1)
    differences: Vectors = vectors - vectors[other]
    return differences


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
