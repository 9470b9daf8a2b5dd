"""Normal forms of Chinese text. Pure functions; OpenCC is imported here and nowhere else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

import opencc

from kb.rules import digest_of_rules

# Names the normal form in what outlives a process.
NORMAL_FORM = f"{digest_of_rules('text')} {opencc.__version__} {unicodedata.unidata_version}"
# Traditional characters and Taiwan phrases to mainland Simplified.
_TO_SIMPLIFIED = opencc.OpenCC("tw2sp")
# Characters alone, no phrases: tw2sp turns the mainland's own 停用 into 禁用, which says nothing about the script.
_CHARACTERS_TO_SIMPLIFIED = opencc.OpenCC("tw2s")
# Their phrases take 40 MB and 80 ms: for whoever writes Traditional.
_to_traditional = cache(lambda: opencc.OpenCC("s2twp"))
_characters_to_traditional = cache(lambda: opencc.OpenCC("s2tw"))
# Their Taiwan phrases (登出, 繫結, 專案) are those of computing and mean something else here.
_CHARACTERS_ALONE = re.compile("(注销|绑定|项目)")
_SPACE = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[\W_]+")
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Nearly every text is made of these alone and needs no look at each character.
_PLAIN = re.compile(r"[\u3400-\u9fffA-Za-z0-9 ,.?!:;()+\-，。？！、：；（）“”「」…]*")
# Control, format (zero-width, bidi marks), surrogate, private-use and unassigned characters carry no words.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean(text: str) -> str:
    """Drop invisible characters and collapse white space; the words and their script stay as typed."""
    if not _PLAIN.fullmatch(text):
        text = "".join(" " if char.isspace() else char for char in text if _visible(char))
    return _SPACE.sub(" ", text).strip()


def _visible(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) not in _INVISIBLE


# One reply asks it of the same few texts again and again.
@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Simplified, half-width, lower-case text with single spaces: the form that is matched and embedded."""
    cleaned = clean(unicodedata.normalize("NFKC", text))
    return (cleaned if cleaned.isascii() else str(_TO_SIMPLIFIED.convert(cleaned))).lower()


def normalise_all(texts: Sequence[str]) -> list[str]:
    """:func:`normalise` for many texts, converted in one call: no entry of OpenCC's dictionaries spans two lines."""
    if not texts:
        return []
    cleaned = "\n".join(clean(unicodedata.normalize("NFKC", text)) for text in texts)
    return str(_TO_SIMPLIFIED.convert(cleaned)).lower().split("\n")


def exact_key(text: str) -> str:
    """The normal form without punctuation and spaces: equal keys are the same question."""
    return _NOT_WORD.sub("", normalise(text))


def exact_keys(texts: Sequence[str]) -> list[str]:
    """Give :func:`exact_key` of each of several texts, converted in one call."""
    return [_NOT_WORD.sub("", text) for text in normalise_all(texts)]


def traditional(text: str) -> str:
    """Convert Simplified text to Traditional with Taiwan phrases (OpenCC ``s2twp``)."""
    pieces = _CHARACTERS_ALONE.split(text)  # every second one is such a word
    converters = (_to_traditional(), _characters_to_traditional())
    return "".join(str(converters[place % 2].convert(piece)) for place, piece in enumerate(pieces))


# One reply asks it of the same question for its text and for each question that follows.
@lru_cache(maxsize=256)
def is_traditional(text: str) -> bool:
    """Tell whether the text is written in Traditional characters.

    It is when converting it to Simplified changes more of it than converting it to Traditional would.
    """
    text = clean(text)
    simple = _CHARACTERS_TO_SIMPLIFIED.convert(text)
    if simple == text:  # nearly every text
        return False
    complex_ = _characters_to_traditional().convert(text)
    return _changes(text, simple) > _changes(text, complex_)


def _changes(one: str, other: str) -> int:
    """Count differing characters; a change of length counts each character of it."""
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def han_count(text: str) -> int:
    """Number of Chinese characters."""
    return len(_CJK.findall(text))


def is_han(char: str) -> bool:
    """Tell whether one character is a Chinese character."""
    return bool(_CJK.match(char))
