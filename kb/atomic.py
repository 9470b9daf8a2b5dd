"""Writing several files so that a reader, after a crash too, sees all of them old or all of them new.

The new contents are staged and synced first, then a journal names where each belongs, then they are moved into place.
A crash before the journal leaves nothing behind but stale staging files; after it, :func:`recover` finishes the move.
Whoever reads calls :func:`settle` first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from kb.errors import CorpusError, UsageError

_STAGING = ".import"
_JOURNAL = "journal.json"
# What stands in the journal for a file that goes: nothing is staged under this kind of name.
_GONE = ".gone"
_LOCK_SECONDS = 60.0


def write_all(files: Mapping[Path, str | bytes | None], folder: Path) -> None:
    """Write files below ``folder`` (text as UTF-8) or, for None, remove them, as one change.

    The caller holds the folder's lock, see :func:`locked`.

    Raises:
        CorpusError: the disk refuses (full, read-only); nothing was changed, or :func:`recover` will finish it.
    """
    staging = folder / _STAGING
    try:
        recover(folder)
        staging.mkdir(parents=True, exist_ok=True)
        plan = {}
        for number, (target, content) in enumerate(files.items()):
            target.parent.mkdir(parents=True, exist_ok=True)
            name = f"{number}{_GONE if content is None else '.tmp'}"
            if content is not None:
                _write_synced(staging / name, content)
            plan[name] = target.relative_to(folder).as_posix()
        _write_synced(staging / f"{_JOURNAL}.tmp", json.dumps(plan, ensure_ascii=False))
        (staging / f"{_JOURNAL}.tmp").replace(staging / _JOURNAL)
        _sync_folder(staging)
        _move(folder, plan)
    except OSError as error:
        if not (staging / _JOURNAL).exists():
            _clear(staging)  # on a full disk above all
        raise _unwritable(folder, error) from error


def _clear(staging: Path) -> None:
    with suppress(OSError):
        for stale in staging.glob("*.tmp"):
            stale.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make two changes of one folder wait for each other; what a crash interrupted is finished first.

    Raises:
        UsageError: another process does not finish its change.
        CorpusError: the folder cannot be written.
    """
    lock = FileLock(folder / _STAGING / "lock")
    try:
        (folder / _STAGING).mkdir(exist_ok=True)
        lock.acquire(timeout=_LOCK_SECONDS)
    except TimeoutError as error:
        raise UsageError("corpus is locked", user_message="另一个导入或发布正在写知识库，请稍后再试。") from error
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        _recovered(folder)
        yield
    finally:
        lock.release()


def settle(folder: Path) -> None:
    """Let a reader see no half of a change: wait for one in progress, finish one that a crash interrupted.

    Raises:
        UsageError, CorpusError: as :func:`locked` does.
    """
    if (folder / _STAGING / _JOURNAL).exists():
        with locked(folder):
            pass


def _recovered(folder: Path) -> None:
    try:
        recover(folder)
    except (OSError, ValueError, AttributeError) as error:  # the last two: the journal itself is damaged
        raise CorpusError(
            f"cannot finish the change of {folder}: {error}",
            user_message=f"上次导入中断了，{folder / _STAGING} 里的内容没能归位：{error}。请检查磁盘空间和权限后重试。",
        ) from error


def _unwritable(folder: Path, error: OSError) -> CorpusError:
    return CorpusError(
        f"cannot write to {folder}: {error}",
        user_message=f"知识库文件夹 {folder} 写不进去：{error.strerror}。请检查磁盘空间和权限后重试。",
    )


def recover(folder: Path) -> bool:
    """Finish a change that a crash interrupted, and clear what an unfinished one left; tell whether there was one."""
    staging = folder / _STAGING
    journal = staging / _JOURNAL
    finished = journal.exists()
    if finished:
        _move(folder, json.loads(journal.read_text(encoding="utf-8")))
    for stale in staging.glob("*.tmp"):
        stale.unlink(missing_ok=True)
    return finished


def _move(folder: Path, plan: Mapping[str, str]) -> None:
    staging = folder / _STAGING
    for name, target in plan.items():
        if name.endswith(_GONE):
            (folder / target).unlink(missing_ok=True)
        elif (staging / name).exists():  # else it was moved before the crash
            (staging / name).replace(folder / target)
    for parent in {(folder / target).parent for target in plan.values()}:
        _sync_folder(parent)
    (staging / _JOURNAL).unlink()


def _write_synced(path: Path, content: str | bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
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
