"""How often one visitor may ask: a token bucket for each, in bounded memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

_CAPACITY = 50_000


class TokenBuckets:
    """Token buckets (RFC 2697's single-rate idea): ``burst`` tokens at first, ``rate`` more each second.

    Args:
        rate: tokens for each second, above 0.
        burst: size of a bucket, at least 1.
        capacity: visitors remembered; one who is forgotten starts with a full bucket.

    """

    def __init__(self, rate: float, burst: int, capacity: int = _CAPACITY) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._capacity = capacity
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, visitor: str, now: float) -> float:
        """Take a token; return 0.0, or the seconds to wait if there is none.

        Args:
            visitor: whose bucket.
            now: monotonic seconds.

        """
        with self._lock:
            tokens, at = self._buckets.pop(visitor, (self._burst, now))
            tokens = min(self._burst, tokens + max(0.0, now - at) * self._rate)
            granted = tokens >= 1.0
            self._buckets[visitor] = (tokens - 1.0 if granted else tokens, now)
            if len(self._buckets) > self._capacity:
                self._buckets.popitem(last=False)
        return 0.0 if granted else (1.0 - tokens) / self._rate


def network_of(host: str) -> str:
    """Name the visitor behind an address: an IPv6 household owns a whole /64, so that is one visitor."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
