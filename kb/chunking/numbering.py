"""Reading the heading numbers of Chinese prose: 第一章, 一、, （一）, 1., 1.1, （1）, ①."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_HAN_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_UNITS = {"十": 10, "百": 100}
_HAN = r"[〇零一二三四五六七八九十百两]{1,6}"
_NUMBER = rf"(?:{_HAN}|\d{{1,3}})"

# Family, rank in the usual hierarchy of Chinese documents, pattern whose first group is the number.
# Order matters: "1.1" must be tried before "1.".
_FAMILIES: tuple[tuple[str, int, re.Pattern[str]], ...] = (
    ("chapter", 0, re.compile(rf"第\s*({_NUMBER})\s*[章篇编部](?!分)")),
    ("section", 1, re.compile(rf"第\s*({_NUMBER})\s*节")),
    ("article", 2, re.compile(rf"第\s*({_NUMBER})\s*条(?=[\s:：、])")),
    ("han", 3, re.compile(rf"({_HAN})\s*[、．.](?!\d)")),
    ("han_paren", 4, re.compile(rf"[（(]\s*({_HAN})\s*[)）]")),
    ("decimal", 6, re.compile(r"(\d{1,2}(?:[.．]\d{1,2}){1,4})(?![\d%％‰])[.．、]?")),
    ("arabic", 5, re.compile(r"(\d{1,3})\s*[.．、](?!\d{1,2}(?!\d))")),
    ("bare", 5, re.compile(r"(\d{1,2})(?=[ \u3000\t]+[^\W\d])")),
    ("arabic_paren", 12, re.compile(r"[（(]?\s*(\d{1,3})\s*[)）]")),
    ("circled", 13, re.compile(r"([①-⑳㉑-㉟㊱-㊿❶-❿⓵-⓾])")),
)
# "第三章所述", "（一）至（三）项", "一、二、三均可": the number is part of a sentence, not of a heading.
_REFERENCE = re.compile(
    rf"(?:所|的|中[，,的所]|规定|项|款|里|述|提到|及|和|与|至|或|、|[，,。；;~～]|{_HAN}、|[（(]{_NUMBER}[)）])"
)
# "1.5倍", "2.3元": a quantity that opens a line.
_UNIT = re.compile(
    r"\s*(?:倍|元|万|亿|%|％|折|升|斤|吨|公里|千克|kg|GB|MB)|(?:个|天|年|月|日|号|小时|分钟|米|克)", re.IGNORECASE
)
_NAMELESS = frozenset({"chapter", "section"})


@dataclass(frozen=True, slots=True)
class Numbering:
    """The number that opens a line.

    ``value`` has one component, except for ``decimal`` (1.2.3 → (1, 2, 3)); ``end`` is the offset behind the number.
    """

    family: str
    rank: int
    value: tuple[int, ...]
    end: int


def read_numbering(line: str) -> Numbering | None:
    """Read the number at the start of a line without leading white space; ``None`` when there is none.

    Quantities ("1.5 元") and cross-references ("第三章所述") are not heading numbers.
    """
    for family, rank, pattern in _FAMILIES:
        found = pattern.match(line)
        if found is None:
            continue
        if not _opens_heading(family, line[found.end() :]):
            return None
        value = tuple(_value(part) for part in re.split(r"[.．]", found.group(1)))
        return Numbering(family, rank + max(0, len(value) - 2), value, found.end())
    return None


def _opens_heading(family: str, rest: str) -> bool:
    if not rest.strip():
        return family in _NAMELESS
    if family in {"decimal", "bare"} and _UNIT.match(rest):
        return False
    return not _REFERENCE.match(rest.lstrip())


def _value(text: str) -> int:
    if text.isdecimal():
        return int(text)
    if len(text) == 1 and text not in _HAN_DIGITS and text not in _HAN_UNITS:
        return int(unicodedata.numeric(text))
    return _han_value(text)


def _han_value(text: str) -> int:
    """Value of a numeral below one thousand: 二十一 → 21, 一百零三 → 103, 二三 → 23."""
    total, digit = 0, 0
    for char in text:
        if char in _HAN_UNITS:
            total += (digit or 1) * _HAN_UNITS[char]
            digit = 0
        else:
            digit = digit * 10 + _HAN_DIGITS[char]
    return total + digit
