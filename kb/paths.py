"""Where files of ours live. Nothing is ever put in a folder shared with other users."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder(name: str = "") -> Path:
    """A folder for things that can be made again (models, parsed dictionaries), created on demand.

    ``ZHIDA_CACHE`` overrides the user's cache folder.
    """
    root = os.environ.get("ZHIDA_CACHE")
    base = Path(root) if root else Path(platformdirs.user_cache_dir("zhida"))
    folder = base / name if name else base
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def shipped_corpus() -> Path:
    """The corpus that comes with the project."""
    return Path(__file__).resolve().parent.parent / "corpus"
