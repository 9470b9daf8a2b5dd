"""The styles, scripts and tables that stand beside the code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "assets"


@cache
def asset(name: str) -> str:
    """Read a file of ``assets/``."""
    return (_FOLDER / name).read_text(encoding="utf-8")
