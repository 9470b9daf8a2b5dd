"""What was found for the questions asked most recently; every opened version of an index has a memory of its own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Memory(Generic[Kept]):
    """The results of the last `size` different questions; the one unused for longest goes first. Safe between threads.

    Args:
        size: how many results are kept.
        note: told of each look-up whether it was a hit.
    """

    def __init__(self, size: int, note: Callable[[bool], None] = lambda _hit: None) -> None:
        self._size = size
        self._note = note
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what was kept under a key, else make it and keep it; what fails to be made is not kept."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        self._note(kept is not None)
        if kept is not None:
            return kept
        made = make()  # outside the lock: two threads may make the same, but nobody waits for another's question
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made
