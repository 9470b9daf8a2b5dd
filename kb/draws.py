"""Chances that follow from a text: they stay the same whatever stands around it, so a later draw is nearly the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from kb.columnar.texts import encoded


def draws(texts: Iterable[str], seed: int) -> NDArray[np.float64]:
    """One number in [0, 1) for each text, as good as random."""
    key = str(seed).encode()
    digests = (hashlib.blake2b(encoded(text), digest_size=8, key=key).digest() for text in texts)
    return (np.frombuffer(b"".join(digests), dtype="<u8") >> np.uint64(11)) / 2.0**53
