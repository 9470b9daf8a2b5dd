"""How often one visitor of the chat may ask, and one address, behind which many visitors may sit."""

from __future__ import annotations

import time
from collections.abc import Callable

from assistant.web.ratelimit import TokenBuckets, network_of

_VISITOR = (1.0, 15)
# A company or a mobile network shows one address for many people; a visitor's id is easily made up.
_ADDRESS = (20.0, 150)


class Pace:
    """Token buckets of the chat page.

    Args:
        clock: monotonic seconds.

    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._visitors, self._addresses = (TokenBuckets(rate, burst) for rate, burst in (_VISITOR, _ADDRESS))

    def take(self, visitor: str, host: str) -> float:
        """Take a question; return 0.0, or the seconds to wait if there is none left."""
        now = self._clock()
        return self._addresses.take(network_of(host), now) or self._visitors.take(visitor, now)
