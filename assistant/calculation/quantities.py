"""The numbers of a message: amounts, stretches of days, calendar days, counts. Only what is certain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from assistant.calculation.cues import Unit, measures
from assistant.calculation.numerals import NUMERAL, spelled_digits, value_of
from kb.text import is_han, normalise

_MAX_LENGTH = 2000
_HIDDEN = "\ufffc"
_BREAK = re.compile(r"[,，。.!！?？;；:：\n\ufffc]")
_OVERDUE = re.compile(r"(?:逾期|[愈预超过]期|晚|拖|迟)\S{0,2}\s?$")
_HAN_DAY = r"[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九]"
_DAY = rf"[0-9]{{1,2}}|{_HAN_DAY}"
_DATES = re.compile(
    rf"(?<![0-9.])(?P<y>[0-9]{{4}})[-/.](?P<m>[0-9]{{1,2}})[-/.](?P<d>[0-9]{{1,2}})(?![0-9])"
    rf"|(?:(?P<y2>[0-9]{{4}}|[〇零一二三四五六七八九]{{4}})年)?(?<![0-9.])(?P<m2>{_DAY})月(?:份)?(?P<d2>{_DAY})(?:号|日|(?![0-9十天个年月元块]))"
    # 周三11号 is the 11th.
    rf"|(?P<d3>(?<![0-9.第])[0-9]{{1,2}}|(?<![第一二三四五六七八九十])(?:{_HAN_DAY}))(?:号|日)(?!店|楼|线|码|机|卡|房|院|门|客服|车|内|之内|无理由)"
)
# 2块5 and 三块五, but not 100块一天.
_TENTHS = re.compile(r"([0-9一二三四五六七八九])(?:毛|钱|的)?(?=$|[\s,，。.!！?？;；])")


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day as it was said: month and year are None where they were not."""

    day: int
    month: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """One number at ``start``..``end`` of :attr:`Reading.text`.

    Kinds: ``amount`` in yuan, ``days`` (a month counts 30, a year 365, and ``rounded`` tells that this was done), ``date``
    with the calendar day in :attr:`date`, ``count`` of things with the word that counts them in :attr:`unit`.
    """

    kind: str
    value: Decimal
    start: int
    end: int
    unit: str = ""
    rounded: bool = False
    date: CalendarDay | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A message in normal form with the numbers found in it, in order."""

    text: str
    mentions: tuple[Mention, ...]


@lru_cache(maxsize=256)
def read(text: str) -> Reading:
    """Find every number of a message with its place, so that the words around it can tell what it is."""
    words = re.sub("俩个?", "两个", normalise(text[:_MAX_LENGTH]))
    shadow = _names().sub(_hide, words)
    dates = tuple(_dates(shadow))
    for date in dates:
        shadow = shadow[: date.start] + _HIDDEN * (date.end - date.start) + shadow[date.end :]
    mentions = sorted((*dates, *_measured(shadow)), key=lambda mention: mention.start)
    return Reading(words, tuple(mentions))


def _hide(match: re.Match[str]) -> str:
    return _HIDDEN * len(match.group())


def _dates(text: str) -> Iterator[Mention]:
    for match in _DATES.finditer(text):
        parts = match.groupdict()
        year, month, day = (parts[key] or parts[key + "2"] or parts.get(key + "3") for key in "ymd")
        date = _calendar_day(year, month, day)
        if date and not (month is None and _OVERDUE.search(text[: match.start()]) and match.group().endswith("日")):
            yield Mention("date", Decimal(date.day), match.start(), match.end(), date=date)


def _calendar_day(year: str | None, month: str | None, day: str | None) -> CalendarDay | None:
    y, m, d = (_whole(part) for part in (year, month, day))
    if d is None or not 1 <= d <= 31 or (m is not None and not 1 <= m <= 12):
        return None
    return CalendarDay(d, m, y)


def _whole(text: str | None) -> int | None:
    if text is None:
        return None
    if (spelled := spelled_digits(text)) is not None:
        return spelled
    value = value_of(text)
    return None if value is None else int(value)


def _measured(text: str) -> Iterator[Mention]:
    end = 0
    for match in _pattern().finditer(text):
        mention = _measure(text, match, end)
        if mention is not None:
            yield mention
            end = mention.end


def _measure(text: str, match: re.Match[str], before_from: int) -> Mention | None:
    value = value_of(match["number"])
    before, table = text[before_from : match.start()].rstrip(), measures()
    if value is None or match["more"] or before.endswith(table.vague_before):
        return None
    unit = table.units.get(match["unit"] or "")
    if unit is None:
        return Mention("amount", value, match.start(), match.end("number")) if _is_money(text, match, before) else None
    if unit.kind == "days" and before.endswith(table.vague_before_days):
        return None
    return _with_unit(text, match, value, unit)


def _with_unit(text: str, match: re.Match[str], value: Decimal, unit: Unit) -> Mention | None:
    if unit.word == "日" and _OVERDUE.search(text[: match.start()]):
        unit = measures().units["天"]
    total, end = value * unit.each + unit.plus, match.end()
    if unit.word in {"块", "元"} and value < 100 and (tenths := _TENTHS.match(text, end)):
        total, end = total + (value_of(tenths[1]) or Decimal(0)) / 10, tenths.end()
    if not _makes_sense(match["number"], value, total, unit):
        return None
    whole = Decimal(int(total)) if unit.kind == "days" else total
    return Mention(unit.kind, whole, match.start(), end, unit.word, unit.rounded)


def _makes_sense(number: str, value: Decimal, total: Decimal, unit: Unit) -> bool:
    if unit.kind == "days":
        # 2026年 is a year; half a day is no number of days.
        return total >= 1 and (unit.word not in {"年", "年半"} or value < 100)
    if unit.kind == "count":
        # 一个, 一次 is "a", not a number.
        return total == int(total) and number != "一"
    return unit.kind == "amount"


def _is_money(text: str, match: re.Match[str], before: str) -> bool:
    table, number, after = measures(), match["number"], text[match.end() : match.end() + 4].lstrip()
    clause = _BREAK.split(before)[-1][-6:]
    if after.startswith(table.not_money) or _contains(clause, table.not_money):
        return False
    if number[-1] in "kw千万" or "万" in number or "千" in number:
        return True
    # 还一直…: a lone Chinese digit after such a word is part of another word, and so may 十 be.
    sizable = number[0].isdigit() or "百" in number or ("十" in number and not (after and is_han(after[0])))
    return sizable and (_contains(clause, table.money_before) or after.startswith(table.money_after))


def _contains(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) for name in _longest_first(measures().names)))


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    units = "|".join(re.escape(word) for word in _longest_first(measures().units))
    more = "".join(measures().vague_after)
    # Not inside a word or a longer number: iphone15, F270, 统一, 138…
    return re.compile(
        rf"(?<![a-z0-9.零〇一二两三四五六七八九十百千万亿半大])(?P<number>{NUMERAL})(?![0-9])(?P<more>[{more}])?\s?(?P<unit>{units})?"
    )


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(words, key=len, reverse=True)
