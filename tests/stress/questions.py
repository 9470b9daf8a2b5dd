"""Questions that nobody would write down, and that come all the same: seeded, from forms of the corpus and from noise."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

Draw = random.Random

_NOISE = (
    "😀", "👨‍👩‍👧‍👦", "🇨🇳", "\u200b", "\u202e", "\ufeff", "\x00", "\x1b[31m", "\ud83d", "\udfff", "\r\n", "\t", "　", "…", "～",
    "？！", "<script>alert(1)</script>", "[a](javascript:x)", "```", "**", "{{ view }}", "{% if %}", "'; DROP TABLE turns; --",
    "../../etc/passwd", "%s%n", "\\", "$(id)", "=1+1", "①", "Ⅷ", "㈱", "ﷺ", "Z͑ͫ̓ͪ̂ͫ̽a̴l", "а", "１２３", "壹佰", "１０万", "-0", "1e999",
    "2026-13-45", "0.0000001%", "９" * 40, "∞", "NaN", "null", "繁體", "𠮷", "ด้้้้้", "مرحبا", "नमस्ते", "한국어", "日本語",
)  # fmt: skip
_NUMBERS = (
    "欠{n}元逾期{m}天要多少钱",
    "{n}号买的账单日{m}号免息几天",
    "账单{n}退了{m}",
    "固定{n}临时{m}还{n}",
    "还{n}万恢复多少额度",
)
_TURNS = (
    "试过了没用",
    "不是这个意思",
    "1",
    "第二个",
    "都不是",
    "那商家呢",
    "还是不行",
    "转人工",
    "谢谢",
    "继续",
    "为什么",
    "？",
    "",
)


def questions(forms: Sequence[str], draw: Draw) -> Iterator[str]:
    """Questions without end."""
    makers, weights = zip(*_MAKERS, strict=True)
    while True:
        yield draw.choices(makers, weights)[0](forms, draw)


def _mutated(forms: Sequence[str], draw: Draw) -> str:
    text = draw.choice(forms)
    for _ in range(draw.randint(1, 6)):
        text = draw.choice(_CHANGES)(text, draw)
    return text


def _noise(_forms: Sequence[str], draw: Draw) -> str:
    pick = (lambda: draw.choice(_NOISE)) if draw.random() < 0.5 else (lambda: chr(draw.randrange(0x110000)))
    return "".join(pick() for _ in range(draw.randint(0, 40)))


def _numbers(_forms: Sequence[str], draw: Draw) -> str:
    numbers = [
        "0",
        "-5",
        "3.14",
        "1e9",
        "一千零五十",
        "半",
        "９９",
        str(draw.randrange(10**12)),
        f"{draw.random():.9f}",
        "1,000,000",
    ]
    return draw.choice(_NUMBERS).format(n=draw.choice(numbers), m=draw.choice(numbers))


def _turn(_forms: Sequence[str], draw: Draw) -> str:
    return draw.choice(_TURNS)


def _joined(forms: Sequence[str], draw: Draw) -> str:
    return draw.choice(["？", "，还有", "\n", "。", ""]).join(draw.choice(forms) for _ in range(draw.randint(2, 5)))


def _long(forms: Sequence[str], draw: Draw) -> str:
    return (draw.choice(forms) + draw.choice(_NOISE)) * draw.randint(20, 400)


def _drop(text: str, draw: Draw) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + text[at + 1 :]


def _insert(text: str, draw: Draw) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + draw.choice(_NOISE) + text[at:]


def _double(text: str, draw: Draw) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + text[at : at + 1] * draw.randint(2, 30) + text[at:]


def _swap(text: str, draw: Draw) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _spaced(text: str, _draw: Draw) -> str:
    return " ".join(text)


def _turned(text: str, _draw: Draw) -> str:
    return text[::-1]


def _wide(text: str, _draw: Draw) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


_CHANGES: tuple[Callable[[str, Draw], str], ...] = (_drop, _insert, _double, _swap, _spaced, _turned, _wide)
# Long ones cost the encoder a hundred times as much as short ones, so there are few.
_MAKERS: tuple[tuple[Callable[[Sequence[str], Draw], str], int], ...] = (
    (_mutated, 50),
    (_noise, 20),
    (_numbers, 10),
    (_turn, 12),
    (_joined, 6),
    (_long, 2),
)
