"""FAQ matching out of labelled question pairs: what means the same becomes one entry, one form of it is asked."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the forms that are indexed, and the form that is taken out and asked."""

    id: str
    forms: tuple[str, ...]
    asked: str


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """The pairs labelled 1 of a tab-separated file ``question, question, label``."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [(row[0], row[1]) for row in rows if len(row) == 3 and row[2] == "1"]


def entries_of(pairs: Iterable[tuple[str, str]], seed: int) -> list[Entry]:
    """Join pairs that share a question into entries; those with a single form ask nothing and are left out."""
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    found = []
    for number, forms in enumerate(_groups(pairs)):
        if len(forms) > 1:
            asked = chance.randrange(len(forms))
            kept = tuple(form for place, form in enumerate(forms) if place != asked)
            found.append(Entry(f"q{number:05d}", kept, forms[asked]))
    return found


def _groups(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    parent: dict[str, str] = {}

    def root(text: str) -> str:
        parent.setdefault(text, text)
        while parent[text] != text:
            text = parent[text]
        return text

    for one, other in pairs:
        parent[root(one)] = root(other)
    groups: dict[str, list[str]] = defaultdict(list)
    for text in parent:
        groups[root(text)].append(text)
    return list(groups.values())
