"""The inbox of handoffs: who asked what, what had been tried, and who takes care of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.history import Turn

State = Literal["open", "claimed", "answered"]
_TRIED = 6


@dataclass(frozen=True, slots=True)
class Claim:
    """What staff have done about a handoff."""

    state: State
    owner: str
    at: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Handoff:
    """A question that was handed over to people.

    Attributes:
        turn: the reply that handed over.
        before: what the same conversation had asked before, oldest first.
        claim: "open" with no owner where nobody has taken it.
    """

    turn: Turn
    before: tuple[Turn, ...]
    claim: Claim


def handoffs(turns: Sequence[Turn], claims: Mapping[int, Claim]) -> tuple[Handoff, ...]:
    """List handoffs: open ones first, then claimed, then answered; within a state the newest first.

    A conversation that was handed over several times in a row stands there once, by its last.

    Args:
        turns: of the period, in any order.
        claims: by turn id.
    """
    talks: dict[str, list[Turn]] = {}
    for turn in sorted(turns, key=lambda turn: (turn.at, turn.id)):
        talks.setdefault(turn.conversation, []).append(turn)
    found = [_handoff(talk, at, claims) for talk in talks.values() for at in _ends(talk, claims)]
    order: dict[State, int] = {"open": 0, "claimed": 1, "answered": 2}
    return tuple(sorted(found, key=lambda item: (order[item.claim.state], -item.turn.at)))


def _ends(talk: Sequence[Turn], claims: Mapping[int, Claim]) -> list[int]:
    """Places of the handoffs, of several in a row the last, and every one that somebody has touched."""
    handed = [turn.decision == "handoff" for turn in talk]
    last = [here and not after for here, after in zip(handed, [*handed[1:], False], strict=True)]
    return [at for at, turn in enumerate(talk) if last[at] or (handed[at] and turn.id in claims)]


def _handoff(talk: Sequence[Turn], at: int, claims: Mapping[int, Claim]) -> Handoff:
    turn = talk[at]
    return Handoff(turn, tuple(talk[max(0, at - _TRIED) : at]), claims.get(turn.id, Claim("open", "", turn.at)))
