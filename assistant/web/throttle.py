"""How often a login may be tried: by address and by account, and never so that a stranger locks the owner out."""

from __future__ import annotations

import time
from collections.abc import Callable

from assistant.web.ratelimit import TokenBuckets

# One address tries an account a good deal slower than the account's own limit, so that it cannot use that up alone.
_ADDRESS = (1 / 15, 8)
_ACCOUNT = (1 / 5, 30)
_DEVICE = (1 / 15, 8)


class LoginThrottle:
    """Token buckets for tries.

    A device that has logged in before has a bucket of its own: while strangers use an account's bucket up from many
    addresses, its owner still gets in.

    Args:
        clock: monotonic seconds.

    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._addresses, self._accounts, self._devices = (
            TokenBuckets(rate, burst) for rate, burst in (_ADDRESS, _ACCOUNT, _DEVICE)
        )

    def take(self, *, address: str, account: str, device: str) -> float:
        """Take a try; return 0.0, or the seconds to wait if there is none left.

        Args:
            address: where the try comes from.
            account: name of the account.
            device: what is known to belong to the account, "" for a device that is not known.

        """
        now = self._clock()
        if device:
            return self._devices.take(device, now)
        return self._addresses.take(address, now) or self._accounts.take(account, now)
