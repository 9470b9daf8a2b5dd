"""Rules on texts that are almost the same: forms of two entries, answers of two entries.

All pairs of 15,000 texts are too many, so only pairs that share a rare bigram are compared (prefix filtering, Chaudhuri
et al. 2006): texts at similarity t or more differ in at most 4 (1 - t) / t bigrams for each character, hence among so
many of the rarest bigrams of either text, and one more, they share one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.fuzz import ratio

from kb.lint.findings import Finding, finding
from kb.lint.forms import Form
from kb.lint.source import Source
from kb.text import exact_key

NEAR_FORM = 0.93
NEAR_ANSWER = 0.9


@dataclass(frozen=True, slots=True)
class Pair:
    """Positions of two texts, ``first < second``, and their similarity in [0, 1]."""

    first: int
    second: int
    similarity: float


def near_forms(forms: Sequence[Form]) -> Iterator[Finding]:
    """Forms of two entries, or of an entry and a boundary, that differ in a character or two."""
    pairs = near_pairs([form.key for form in forms], [form.owner for form in forms], NEAR_FORM)
    for pair in pairs:
        one, other = forms[pair.first], forms[pair.second]
        if one.key == other.key or one.is_boundary:
            continue
        whose = f"边界「{other.owner}」" if other.is_boundary else f"「{other.owner}」"
        message = f"「{one.text}」（{one.owner}）与{whose}的「{other.text}」（{other.place}）几乎一样（{pair.similarity:.2f}）"
        yield finding("near-form", one.place, message)


def near_answers(source: Source) -> Iterator[Finding]:
    """Answers of two entries that could be one entry."""
    entries = [lined for lined in source.active if lined.record.answer.text()]
    keys = [exact_key(lined.record.answer.text()) for lined in entries]
    for pair in near_pairs(keys, [lined.record.id for lined in entries], NEAR_ANSWER):
        one, other = entries[pair.first], entries[pair.second]
        place = other.row.at("answer")
        message = (
            f"「{one.record.id}」与「{other.record.id}」（{place}）的答案几乎一样（{pair.similarity:.2f}），可合并"
        )
        yield finding("near-answer", one.row.at("answer"), message)


def near_pairs(keys: Sequence[str], owners: Sequence[str], least: float) -> list[Pair]:
    """Pairs of texts of two owners whose rapidfuzz ratio or bigram Jaccard is at least ``least``, nearest first.

    Texts of one character have no bigram and are left out.
    """
    grams = [frozenset(key[at : at + 2] for at in range(len(key) - 1)) for key in keys]
    prefixes = _prefixes(keys, grams, least)
    postings: defaultdict[str, list[int]] = defaultdict(list)
    pairs = []
    for second, prefix in enumerate(prefixes):
        for first in {place for gram in prefix for place in postings[gram]}:
            if owners[first] != owners[second]:
                score = similarity(keys[first], keys[second], grams[first], grams[second], least)
                if score >= least:
                    pairs.append(Pair(first, second, score))
        for gram in prefix:
            postings[gram].append(second)
    return sorted(pairs, key=lambda pair: (-pair.similarity, pair.first, pair.second))


def _prefixes(keys: Sequence[str], grams: Sequence[frozenset[str]], least: float) -> list[list[str]]:
    """Give the rarest bigrams of each text, as many as must hold one of any near text's."""
    often = Counter(gram for group in grams for gram in group)
    share = 4 * (1 - least) / least
    return [
        sorted(group, key=lambda gram: (often[gram], gram))[: int(share * len(key)) + 1]
        for key, group in zip(keys, grams, strict=True)
    ]


def similarity(one: str, other: str, grams: frozenset[str], others: frozenset[str], least: float) -> float:
    """Take the larger of rapidfuzz ratio and bigram Jaccard, in [0, 1]; below ``least`` it may be 0."""
    close = ratio(one, other, score_cutoff=100 * least) / 100
    if min(len(grams), len(others)) < least * max(len(grams), len(others)):
        return close
    return max(close, len(grams & others) / len(grams | others))
