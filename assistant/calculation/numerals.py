"""Numerals as people type them, to exact values. cn2an is imported here and nowhere else.

For matching only: cn2an is never let loose on a sentence, which it would rewrite (七天无理由).
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

# Starts with a digit, so that 万一, 千川 and 百亿补贴 hold no number.
NUMERAL = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,12}(?:\.[0-9]{1,6})?)(?:[kw](?![a-z])|[十百千万亿][0-9十百千万]{0,6})?"
    r"|[零〇一二两三四五六七八九十廿卅壹贰叁肆伍陆柒捌玖拾][零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]{0,11}"
    r"(?:点[零〇一二三四五六七八九]{1,4}[万千]?)?"
    r"|半"
)

_LATIN = {"k": Decimal(1000), "w": Decimal(10000)}
_SCALE = {"百": Decimal(100), "千": Decimal(1000), "万": Decimal(10000), "亿": Decimal(10) ** 8}
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SCALED = re.compile(r"([0-9]+(?:\.[0-9]+)?)([百千万亿])([0-9]?)")
_DIGITS = "〇零一二两三四五六七八九"
# 三四 (days) is a guess, not 34; 一二三 is counting.
_LISTED = re.compile(r"[一二两三四五六七八九]{2}")


@lru_cache(maxsize=2048)
def value_of(numeral: str) -> Decimal | None:
    """Give the value of a :data:`NUMERAL`, None where it has none for certain (三四, 一百千)."""
    text = numeral.replace(",", "")
    if text == "半":
        return Decimal("0.5")
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if text[-1:] in _LATIN and _PLAIN.fullmatch(text[:-1]):
        return Decimal(text[:-1]) * _LATIN[text[-1]]
    if scaled := _SCALED.fullmatch(text):
        number, scale, rest = scaled.groups()
        return Decimal(number) * _SCALE[scale] + Decimal(rest or 0) * _SCALE[scale] / 10
    return None if _LISTED.search(text) else _chinese(text)


def spelled_digits(text: str) -> int | None:
    """Read a year or number spelled digit by digit: 二零二六 → 2026."""
    if not text or any(char not in _DIGITS for char in text):
        return None
    return int("".join(str((0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9)[_DIGITS.index(char)]) for char in text))


def _chinese(text: str) -> Decimal | None:
    try:
        import cn2an  # few questions hold a number, and it takes a while to import

        return Decimal(str(cn2an.cn2an(text, "smart")))
    except (ValueError, KeyError, IndexError, TypeError, ArithmeticError):
        # cn2an's way to say that these characters are no number; that is an ordinary answer here.
        return None
