"""What staff say about single questions: marks from search, handoffs taken and answered, suggestions waved away."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.editing.errors import ConflictError
from assistant.editing.ledger import Ledger, note
from assistant.insights.inbox import Claim, State
from assistant.mask import mask
from kb.text import clean

_LONGEST = 1_000
_STATES: Mapping[str, State] = {"open": "open", "claimed": "claimed", "answered": "answered"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Staff searched for a question and said which entry is right; ``entry`` is "" for none of them."""

    question: str
    entry: str
    author: str
    at: float


class Feedback:
    """Keeps it in the ledger. Questions are masked before they are written."""

    def __init__(self, ledger: Ledger, clock: Callable[[], float] = time.time) -> None:
        self._ledger = ledger
        self._clock = clock

    def mark(self, question: str, entry: str, author: str) -> None:
        """Keep which entry is right for a question, "" for none; a second mark of the same person replaces the first."""
        text = mask(clean(question))[:_LONGEST]
        with self._ledger.writing() as connection:
            connection.execute("DELETE FROM marks WHERE question = ? AND author = ?", (text, author))
            connection.execute(
                "INSERT INTO marks (at, author, question, entry) VALUES (?, ?, ?, ?)",
                (self._clock(), author, text, entry),
            )

    def marks(self, since: float) -> tuple[Mark, ...]:
        """Marks since a time, newest first."""
        with self._ledger.reading() as connection:
            rows = connection.execute(
                "SELECT question, entry, author, at FROM marks WHERE at >= ? ORDER BY number DESC", (since,)
            ).fetchall()
        return tuple(Mark(*row) for row in rows)

    def claim(self, turn: int, author: str) -> None:
        """Take a handoff.

        Raises:
            ConflictError: somebody else has it.
        """
        with self._ledger.writing() as connection:
            row = connection.execute("SELECT state, owner FROM handoffs WHERE turn = ?", (turn,)).fetchone()
            if row is not None and row[1] != author:
                raise ConflictError(
                    f"handoff {turn} is taken",
                    user_message=f"这条已由 {row[1]} {'处理完' if row[0] == 'answered' else '领取'}，请刷新收件箱。",
                )
            self._put(connection.execute, turn, "claimed", author, "")
            note(connection, self._clock(), author, "handoff-claim", f"turn:{turn}")

    def release(self, turn: int, author: str) -> None:
        """Give a handoff back to everybody; only who has it can."""
        with self._ledger.writing() as connection:
            gone = connection.execute("DELETE FROM handoffs WHERE turn = ? AND owner = ?", (turn, author)).rowcount
            if gone:
                note(connection, self._clock(), author, "handoff-release", f"turn:{turn}")

    def answered(self, turn: int, author: str, words: str) -> None:
        """Say that a handoff is answered, and how.

        Raises:
            ConflictError: somebody else has it.
        """
        self.claim(turn, author)
        with self._ledger.writing() as connection:
            self._put(connection.execute, turn, "answered", author, mask(clean(words))[:_LONGEST])
            note(connection, self._clock(), author, "handoff-answered", f"turn:{turn}")

    def claims(self) -> Mapping[int, Claim]:
        """Handoffs that somebody has touched, by turn."""
        with self._ledger.reading() as connection:
            rows = connection.execute("SELECT turn, state, owner, at, note FROM handoffs").fetchall()
        return {turn: Claim(_STATES[state], owner, at, words) for turn, state, owner, at, words in rows}

    def dismiss(self, key: str, author: str) -> None:
        """Show a cluster or a suggested alternate no more."""
        with self._ledger.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO dismissed VALUES (?, ?, ?)", (key, author, self._clock()))
            note(connection, self._clock(), author, "dismiss", key[:200])

    def dismissed(self) -> frozenset[str]:
        """Keys that were waved away."""
        with self._ledger.reading() as connection:
            return frozenset(key for (key,) in connection.execute("SELECT key FROM dismissed"))

    def _put(self, execute: Callable[..., object], turn: int, state: State, owner: str, words: str) -> None:
        execute(
            "INSERT OR REPLACE INTO handoffs (turn, state, owner, at, note) VALUES (?, ?, ?, ?, ?)",
            (turn, state, owner, self._clock(), words),
        )
