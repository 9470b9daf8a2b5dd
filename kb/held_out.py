"""Which question forms the encoder never learns from, so that they can judge it and fit the ranking."""

from __future__ import annotations

import hashlib

from kb.tokens import pinyin_key

HOLD_OUT = 0.2


def held_out(text: str, share: float = HOLD_OUT) -> bool:
    """Tell whether a form is kept from training: by a digest of its sound, so that homophone copies go together.

    The choice depends on the text alone; a build can tell later which forms the encoder has never seen.
    """
    digest = hashlib.sha256(pinyin_key(text).encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32
