"""Which entries nobody is answered from, and which did not help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.history import Turn
from kb.records import FaqEntry


@dataclass(frozen=True, slots=True)
class Disliked:
    """An entry with 👎: how many of them and of 👍, and the questions that it did not help with, newest first."""

    entry: str
    disliked: int
    liked: int
    questions: tuple[str, ...]
    reasons: tuple[str, ...]


def unused(entries: Iterable[FaqEntry], turns: Iterable[Turn]) -> tuple[FaqEntry, ...]:
    """Active entries that no reply was made from."""
    used = {name for turn in turns for name in turn.entries}
    return tuple(entry for entry in entries if entry.enabled and entry.id not in used)


def disliked(turns: Sequence[Turn]) -> tuple[Disliked, ...]:
    """Entries with 👎, the most disliked first.

    Args:
        turns: newest first.
    """
    rated: dict[str, list[Turn]] = {}
    for turn in turns:
        if turn.rating and turn.entries:
            rated.setdefault(turn.entries[0], []).append(turn)
    found = [_disliked(name, listed) for name, listed in rated.items()]
    return tuple(sorted((item for item in found if item.disliked), key=lambda item: (-item.disliked, item.entry)))


def _disliked(name: str, turns: Sequence[Turn]) -> Disliked:
    bad = [turn for turn in turns if turn.rating == -1]
    return Disliked(
        name,
        len(bad),
        len(turns) - len(bad),
        tuple(dict.fromkeys(turn.question for turn in bad)),
        tuple(dict.fromkeys(turn.reason for turn in bad if turn.reason)),
    )
