"""Passwords: made at random, kept as salted scrypt hashes (RFC 7914)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from functools import cache

from kb.errors import UsageError

SHORTEST, LONGEST = 10, 200
# 32 MiB and about a tenth of a second for each guess.
_COST, _BLOCK, _LANES = 2**15, 8, 1
_MOST_MEMORY = 64 * 2**20
_SCHEME = "scrypt"


def new_password() -> str:
    """Make a password of 96 random bits."""
    return secrets.token_urlsafe(12)


def hashed(password: str) -> str:
    """Hash a password with a fresh salt: ``scrypt$cost$block$lanes$salt$hash``.

    Raises:
        UsageError: the password is too short or too long.

    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError("bad password length", user_message=f"密码要有 {SHORTEST} 到 {LONGEST} 个字符，请换一个。")
    salt = secrets.token_bytes(16)
    parts = (_SCHEME, str(_COST), str(_BLOCK), str(_LANES), _text(salt))
    return "$".join((*parts, _text(_scrypt(password, salt, _COST, _BLOCK, _LANES))))


def matches(password: str, stored: str) -> bool:
    """Compare a password with a stored hash in constant time; False for a hash that is none of ours."""
    try:
        scheme, cost, block, lanes, salt, right = stored.split("$")
        if scheme != _SCHEME or len(password) > LONGEST:
            return False
        found = _scrypt(password, base64.b64decode(salt), int(cost), int(block), int(lanes))
        return hmac.compare_digest(found, base64.b64decode(right))
    except ValueError:
        return False


@cache
def nobodys() -> str:
    """Give a hash that no password is known for: a name that does not exist must take as long as one that does."""
    return hashed(new_password())


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    text = unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
    return hashlib.scrypt(text, salt=salt, n=cost, r=block, p=lanes, maxmem=_MOST_MEMORY, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
