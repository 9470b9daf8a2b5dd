"""Which of several ways to the same result is the quicker one just now."""

from __future__ import annotations

import threading

# A handful of measurements count; one in so many goes another way, to see whether that has become quicker.
_WEIGHT = 0.3
_AGAIN = 32


class Pace:
    """Keeps the pace of each way, and gives the quickest. Safe to share between threads.

    Args:
        ways: how many there are, numbered from 0; the first serves until the others have been tried.
    """

    def __init__(self, ways: int) -> None:
        self._paces: list[float | None] = [None] * ways
        self._given = 0
        self._lock = threading.Lock()

    def way(self) -> int:
        """The way to go now."""
        with self._lock:
            self._given += 1
            tries, rest = divmod(self._given, _AGAIN)
            if not rest:
                return tries % len(self._paces)
            known = [(pace, way) for way, pace in enumerate(self._paces) if pace is not None]
            return min(known)[1] if known else 0

    def took(self, way: int, pace: float) -> None:
        """Remember how long a way took, in seconds for a unit of work."""
        with self._lock:
            before = self._paces[way]
            self._paces[way] = pace if before is None else before + _WEIGHT * (pace - before)
