"""Which number of a message is which: the cue word nearest to a number names its role."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.calculation.cues import Roles
from assistant.calculation.quantities import Mention, Reading

Found = tuple[tuple[Mention, str], ...]

_BREAK = re.compile(r"[,，。.!！?？;；:：\n]")
_REACH_BEFORE, _REACH_AFTER = 8, 5


def roles_of(reading: Reading, roles: Mapping[str, Roles]) -> Found:
    """Each mention with its role, "" where no cue stands near; a cue names one number only.

    ``roles`` is kind of mention → role → cues.

    Read from left to right: in 28号消费15号出账 the first number takes 消费, so the second one is left with 出账.
    """
    found, free_from = [], 0
    for index, mention in enumerate(reading.mentions):
        following = reading.mentions[index + 1].start if index + 1 < len(reading.mentions) else len(reading.text)
        role, taken = _nearest(reading.text, mention, free_from, following, roles.get(mention.kind, {}))
        free_from = max(mention.end, taken)
        found.append((mention, role))
    return tuple(found)


def _nearest(text: str, mention: Mention, left: int, right: int, roles: Roles) -> tuple[str, int]:
    """Find the role whose cue is nearest and where that cue ends; the cue before a number wins a draw."""
    before = _BREAK.split(text[max(left, mention.start - _REACH_BEFORE) : mention.start])[-1].rstrip()
    after = _BREAK.split(text[mention.end : min(right, mention.end + _REACH_AFTER)])[0]
    ranked = []
    for role, words in roles.items():
        for word in words:
            if (place := before.rfind(word)) >= 0:
                ranked.append((len(before) - place - len(word), 0, -len(word), role, 0))
            if (place := after.find(word)) >= 0:
                ranked.append((len(after[:place].lstrip(" 的")), 1, -len(word), role, mention.end + place + len(word)))
    return (best[3], best[4]) if (best := min(ranked, default=None)) else ("", 0)


def the_one(found: Found, kind: str, role: str, *, strict: bool = False) -> Mention | None:
    """Pick the number that has the role, else the only one of its kind without one; None where two could be meant.

    Args:
        found: what :func:`roles_of` gave.
        kind: kind of mention.
        role: role asked for.
        strict: want the role itself.
    """
    named = [mention for mention, has in found if mention.kind == kind and has == role]
    if named or strict:
        return _single(named)
    return _single([mention for mention, has in found if mention.kind == kind and not has])


def _single(mentions: list[Mention]) -> Mention | None:
    values = {(mention.value, mention.date) for mention in mentions}
    return mentions[0] if len(values) == 1 else None
