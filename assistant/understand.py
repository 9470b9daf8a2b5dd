"""What a message asks: its separate questions, and the asking sentence of a long story."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from assistant.cues import cues
from kb.text import han_count, normalise

LONG = 40
MAX_PARTS = 3
_MIN_HAN = 4
_MIN_CONTENT = 2
_MIN_SAID = 6
# Longer messages are pasted text: they stay one question, and only their end is searched for what they ask.
_MAX_LENGTH = 400
# Two parts that share more than this of their content ask the same thing twice (能不能开？到底能不能开啊？).
_SAME = 0.6
_SENTENCE = re.compile(r"[^。！!？?；;\n]*[。！!？?；;\n]*")
_CLAUSE = re.compile(r"[^，,。！!？?；;\s]+[，,。！!？?；;\s]*")
_EDGE = " \t\n，,、。；;：:"


def split_questions(text: str) -> tuple[str, ...]:
    """Separate the questions of a message, at most three, in order and as typed.

    A message is only cut where each part can stand alone: it asks, it has at least four Chinese characters and a word
    with content. Statements stay with the question they lead to. Mostly the whole text is the one part.
    """
    if len(text) > _MAX_LENGTH:
        return (text,)
    parts: list[str] = []
    lead = ""
    for piece in _pieces(text):
        lead += piece
        if asks(piece):
            parts, lead = _with(parts, lead), ""
    if lead.strip(_EDGE) and parts:
        parts[-1] += lead
    if len(parts) < 2:
        return (text,)
    return tuple(_trim(part) for part in (*parts[: MAX_PARTS - 1], "".join(parts[MAX_PARTS - 1 :])) if part)


def asking_sentence(text: str) -> str:
    """Find the last sentence that asks, of a story longer than 40 characters; otherwise the text as it is.

    A sentence that leans on what stands before it (这样正常吗) takes clauses in front of it along, until it says
    something.
    """
    if len(text) <= LONG:
        return text
    clauses = [match.group() for match in _CLAUSE.finditer(text[-_MAX_LENGTH:])]
    last = max((index for index, clause in enumerate(clauses) if asks(clause)), default=None)
    if last is None:
        return text
    first = last
    while first > 0 and (_leans(clauses[first]) or len(_content("".join(clauses[first : last + 1]))) < _MIN_SAID):
        first -= 1
    return "".join(clauses[first : last + 1]).strip(_EDGE)


def asks(text: str) -> bool:
    """Tell whether the text holds a question mark or an asking word."""
    return bool(_asking().search(normalise(text)))


def requests(text: str) -> bool:
    """Tell whether the text asks, or wants something done or looked up."""
    return asks(text) or any(cue in text for cue in cues().requesting)


def _pieces(text: str) -> list[str]:
    """Sentences, cut once more before a joint (另外, 顺便问…)."""
    pieces: list[str] = []
    for match in _SENTENCE.finditer(text):
        pieces.extend(part for part in _joint().split(match.group()) if part)
    return pieces


def _with(parts: list[str], part: str) -> list[str]:
    """Add a part, or join it to the one before where it cannot stand alone or asks the same again."""
    if parts and not (_stands_alone(part) and _stands_alone(parts[-1]) and not _same(parts[-1], part)):
        return [*parts[:-1], parts[-1] + part]
    return [*parts, part]


def _stands_alone(text: str) -> bool:
    """Want an asking word: a mark alone, or 凭什么, may be mere reproach."""
    worded = _asking().search(_reproach().sub("", normalise(text)))
    return bool(worded) and han_count(text) >= _MIN_HAN and han_count(_content(text)) >= _MIN_CONTENT


def _same(one: str, other: str) -> bool:
    a, b = set(_content(one)), set(_content(other))
    return len(a & b) >= _SAME * min(len(a), len(b))


@lru_cache(maxsize=512)
def _content(text: str) -> str:
    """Keep the characters left after asking words and words without content are taken away."""
    left = _empty_words().sub("", normalise(text))
    return "".join(char for char in left if char.isalnum())


def _leans(clause: str) -> bool:
    return normalise(clause).startswith(cues().leaning)


def _trim(part: str) -> str:
    trimmed = part.strip(_EDGE)
    joint = _joint_words().match(trimmed)
    rest = trimmed[joint.end() :].lstrip(_EDGE) if joint else trimmed
    return rest or trimmed


@lru_cache(maxsize=1)
def _asking() -> re.Pattern[str]:
    return _any_of(cues().asking)


@lru_cache(maxsize=1)
def _reproach() -> re.Pattern[str]:
    return _any_of(cues().reproach)


@lru_cache(maxsize=1)
def _empty_words() -> re.Pattern[str]:
    return _any_of((*cues().asking, *cues().filler, *cues().joints))


@lru_cache(maxsize=1)
def _joint_words() -> re.Pattern[str]:
    return _any_of(cues().joints)


@lru_cache(maxsize=1)
def _joint() -> re.Pattern[str]:
    # After a break only: in 我还有欠款 the word is a verb.
    return re.compile(
        rf"(?<=[，,、。！!？?；;：:\s])(?=(?:{_joint_words().pattern})(?!没|办法|机会|希望|别的|其他|哪|多少|什么))"
    )


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)))
