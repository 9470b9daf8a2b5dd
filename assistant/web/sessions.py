"""Conversations of API callers, in memory: bounded, expiring, and each its opener's own."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from assistant.dialogue.state_codec import IDLE_SECONDS

_CAPACITY = 20_000
_TURNS_KEPT = 50


@dataclass(slots=True)
class Session:
    """One conversation; hold ``lock`` while a reply is made, so that two questions at once do not lose a turn.

    Attributes:
        id: unguessable; who knows it continues the conversation.
        owner: name of the API key that opened it, "" without keys.
        state: encoded :class:`assistant.records.State`.
        turns: history ids of the last turns, oldest first; None where the history failed.
        asked: number of questions so far.
        seen: time of the last use in seconds.
        forgotten: whether its records were deleted, so that nothing more is to be recorded.

    """

    id: str
    owner: str
    seen: float
    state: str = ""
    turns: list[int | None] = field(default_factory=list)
    asked: int = 0
    forgotten: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_turn(self, turn: int | None) -> None:
        """Remember a turn so that it can be rated."""
        self.asked += 1
        self.turns = [*self.turns, turn][-_TURNS_KEPT:]

    def turn(self, number: int | None) -> int | None:
        """History id of the ``number``-th question, from 1 (None: the last); None if there is none."""
        index = (self.asked if number is None else number) - 1 - (self.asked - len(self.turns))
        return self.turns[index] if 0 <= index < len(self.turns) else None


class Sessions:
    """All open conversations; the longest unused one gives way when there are too many.

    Args:
        capacity: conversations kept at most.
        idle_seconds: unused for longer than this, a conversation is gone.

    """

    def __init__(self, capacity: int = _CAPACITY, idle_seconds: float = IDLE_SECONDS) -> None:
        self._capacity = capacity
        self._idle = idle_seconds
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def find(self, wanted: str | None, owner: str, now: float) -> Session | None:
        """Give an open conversation of this owner; None if it is unknown, expired or another's."""
        with self._lock:
            self._expire(now)
            session = self._sessions.get(wanted or "")
            if session is None or session.owner != owner:
                return None
            session.seen = now
            self._sessions.move_to_end(session.id)
            return session

    def open(self, wanted: str | None, owner: str, now: float) -> Session:
        """Continue a conversation or begin one.

        An id we did not issue is never taken over: a planted id would let its planter read along.
        """
        found = self.find(wanted, owner, now)
        return found or self._begin(owner, now)

    def forget(self, session_id: str) -> None:
        """Close a conversation, after the reply that is being made in it."""
        with self._lock:
            session = self._sessions.pop(session_id, None)
        if session is not None:
            with session.lock:
                session.forgotten = True

    def _begin(self, owner: str, now: float) -> Session:
        session = Session(secrets.token_urlsafe(18), owner, now)
        with self._lock:
            self._sessions[session.id] = session
            while len(self._sessions) > self._capacity:
                self._sessions.popitem(last=False)
        return session

    def _expire(self, now: float) -> None:
        while self._sessions and now - next(iter(self._sessions.values())).seen > self._idle:
            self._sessions.popitem(last=False)
