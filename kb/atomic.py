"""Writing several files so that a reader, after a crash too, sees all of them old or all of them new.

The new contents are staged and synced first, then a journal names where each belongs, then they are moved into place.
A crash before the journal leaves nothing behind but stale staging files; after it, :func:`recover` finishes the move.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from kb.errors import CorpusError

_JOURNAL = "journal.json"


def write_all(files: Mapping[Path, str], folder: Path) -> None:
    """Write UTF-8 files below ``folder`` as one change; the caller holds the folder's lock.

    Raises:
        CorpusError: the disk refuses (full, read-only); nothing was changed, or :func:`recover` will finish it.
    """
    staging = folder / ".import"
    try:
        recover(folder)
        staging.mkdir(parents=True, exist_ok=True)
        plan = {}
        for number, (target, text) in enumerate(files.items()):
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_synced(staging / f"{number}.tmp", text)
            plan[f"{number}.tmp"] = target.relative_to(folder).as_posix()
        _write_synced(staging / f"{_JOURNAL}.tmp", json.dumps(plan, ensure_ascii=False))
        (staging / f"{_JOURNAL}.tmp").replace(staging / _JOURNAL)
        _sync_folder(staging)
        _move(folder, plan)
    except OSError as error:
        raise CorpusError(
            f"cannot write to {folder}: {error}",
            user_message=f"写入 {folder} 失败：{error.strerror}。请检查磁盘空间和权限后重试。",
        ) from error


def recover(folder: Path) -> bool:
    """Finish a change that a crash interrupted, and clear what an unfinished one left; tell whether there was one."""
    staging = folder / ".import"
    journal = staging / _JOURNAL
    finished = journal.exists()
    if finished:
        _move(folder, json.loads(journal.read_text(encoding="utf-8")))
    for stale in staging.glob("*.tmp"):
        stale.unlink(missing_ok=True)
    return finished


def _move(folder: Path, plan: Mapping[str, str]) -> None:
    staging = folder / ".import"
    for name, target in plan.items():
        if (staging / name).exists():  # else it was moved before the crash
            (staging / name).replace(folder / target)
    for parent in {(folder / target).parent for target in plan.values()}:
        _sync_folder(parent)
    (staging / _JOURNAL).unlink()


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Make renames durable; only POSIX systems can open a folder for that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
