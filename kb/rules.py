"""Names the rules that what outlives a process was made by: when their source changes, it is made anew."""

from __future__ import annotations

import hashlib
from pathlib import Path

_FOLDER = Path(__file__).parent


def digest_of_rules(*modules: str) -> str:
    """Short SHA-256 over the source of some modules of this package, by name."""
    digest = hashlib.sha256()
    for name in modules:
        digest.update((_FOLDER / f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]
