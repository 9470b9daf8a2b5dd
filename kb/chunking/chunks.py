"""Cutting a span of body text into chunks at paragraph, then sentence ends."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from itertools import chain

TARGET = 300
"""Longest chunk in characters, unless a single number is longer."""

_LINE_END = re.compile(r"\n")
_SENTENCE_END = re.compile(r"(?:[。！？!?；;…]|\.(?=\s))+[”’」』）)\]】》\"']*")
_CLAUSE_END = re.compile(r"[，,、：:]")
# Where to cut, best first, and the fewest characters that make it worth it there.
_PREFERENCES = ((_LINE_END, 75), (_SENTENCE_END, 75), (_LINE_END, 0), (_SENTENCE_END, 0), (_CLAUSE_END, 0))
_HAN_NUMBER = "〇零一二三四五六七八九十百千万亿两"
# What must stay whole: amounts, dates, ranges and words in Latin letters, each with the unit behind it …
_WHOLE = re.compile(
    rf"[¥￥$]?\d+(?:[,，]\d{{3}})*(?:[.:：/\-~～—至]\d+){{0,4}}(?: ?[%％‰]| ?[^\W\d_])?|[{_HAN_NUMBER}]+[^\W\d_]?"
    r"|[A-Za-z][A-Za-z0-9@._\-]{0,39}"
)
# … and a heading or list number with the first character of its text.
_MARKER = re.compile(
    rf"^[ \t\u3000]*(?:[-*+•]|[（(]?(?:\d{{1,3}}|[{_HAN_NUMBER}]{{1,4}})[.．、)）]"
    rf"|第[{_HAN_NUMBER}\d]{{1,4}}[章节条步]|[①-⑳])[ \t\u3000]*\S",
    re.MULTILINE,
)


def cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut ``text[start:end]`` into spans of at most :data:`TARGET` characters.

    Every non-blank character lies in exactly one span; no span begins or ends with white space; no cut falls inside a
    number, between a number and its unit, or between a heading number and its text.
    """
    frozen = _frozen(text, start, end)
    spans: list[tuple[int, int]] = []
    position = start
    while (position := _skip_space(text, position, end)) < end:
        stop = _next_cut(text, position, end, frozen)
        spans.append((position, _strip_end(text, position, stop)))
        position = stop
    return spans


def _next_cut(text: str, position: int, end: int, frozen: list[tuple[int, int]]) -> int:
    """Find the best cut behind ``position``: the last paragraph end within the target, or sentence, or clause end."""
    limit = position + TARGET
    if _strip_end(text, position, end) <= limit:
        return end
    for pattern, least in _PREFERENCES:
        ends: list[int] = [found.end() for found in pattern.finditer(text, position, min(limit + 1, end))]
        usable = [place for place in ends if _is_free(place, frozen) and text[position:place].strip()]
        inside = [place for place in usable if position + least <= _strip_end(text, position, place) <= limit]
        if inside:
            return inside[-1]
    return _hard_cut(text, position, min(limit, end), end, frozen)


def _hard_cut(text: str, position: int, limit: int, end: int, frozen: list[tuple[int, int]]) -> int:
    """No punctuation in reach: cut between words, backwards from the limit, then forwards."""
    for place in chain(range(limit, position, -1), range(limit + 1, end)):
        if _is_free(place, frozen) and not _joins(text, place) and text[position:place].strip():
            return place
    return end


def _joins(text: str, place: int) -> bool:
    """Tell whether the character behind the cut belongs to the one before it (accents, emoji sequences)."""
    return place < len(text) and (
        unicodedata.category(text[place]).startswith("M") or "\u200d" in text[place - 1 : place + 1]
    )


def _frozen(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans that no cut may fall into, in order, without overlaps."""
    found = [match.span() for pattern in (_WHOLE, _MARKER) for match in pattern.finditer(text, start, end)]
    merged: list[tuple[int, int]] = []
    for low, high in sorted(found):
        if merged and low < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _is_free(place: int, frozen: list[tuple[int, int]]) -> bool:
    index = bisect_right(frozen, place, key=lambda span: span[0]) - 1
    return index < 0 or not frozen[index][0] < place < frozen[index][1]


def _skip_space(text: str, position: int, end: int) -> int:
    while position < end and text[position].isspace():
        position += 1
    return position


def _strip_end(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end
