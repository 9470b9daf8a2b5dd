"""Where files of ours live. Nothing is ever put in a folder shared with other users."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from kb.errors import UsageError


def cache_folder(name: str = "") -> Path:
    """A folder for things that can be made again (models, parsed dictionaries), created on demand.

    ``ZHIDA_CACHE`` overrides the user's cache folder.

    Raises:
        UsageError: it cannot be made.
    """
    root = os.environ.get("ZHIDA_CACHE")
    base = Path(root) if root else Path(platformdirs.user_cache_dir("zhida"))
    folder = base / name if name else base
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        hint = f"建不了缓存文件夹 {folder}：{error.strerror}。请检查权限和磁盘空间，或用环境变量 ZHIDA_CACHE 指定另一个文件夹。"
        raise UsageError(f"no cache folder {folder}: {error}", user_message=hint) from error
    return folder


def shipped_corpus() -> Path:
    """The corpus that comes with the project."""
    return Path(__file__).resolve().parent.parent / "corpus"
