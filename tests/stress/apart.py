"""Doing something in a process of its own, under limits or another account that the runner must not have."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from kb.errors import KbError

Made = TypeVar("Made")
# The last ones are imported late otherwise, when another account may not read the interpreter's own folder.
PRELOADED = ["assistant.cli.main", "kb.adapt.run", "kb.exchange.importing", "kb.workspace", "fakes", "stress.world",
             "encodings.utf_8_sig", "encodings.idna", "encodings.gb18030", "encodings.cp437", "zoneinfo", "sqlite3", "assistant.publish"]  # fmt: skip
_NOBODY = 65_534
_SECONDS = 180.0


class Escaped(Exception):
    """An error that is none of ours, or a process that ended without a word."""


def context() -> multiprocessing.context.ForkServerContext:
    """Processes that are made in a moment, because the imports are done once."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(PRELOADED)
    return found


def apart(task: Callable[..., Made], *arguments: object, nobody: bool = False, largest: int = 0) -> Made:
    """Run a task in a process of its own and give its result.

    Args:
        task: a function of a module, and what it is given.
        arguments: its arguments.
        nobody: give up root first, so that permissions count; changes nothing for any other account.
        largest: the size in bytes beyond which no file can be written, as if the disk were full; 0 for no limit.

    Raises:
        KbError: the task raised it.
        Escaped: it raised anything else, was killed, or did not end.
    """
    ours, theirs = context().Pipe()
    child = context().Process(target=_child, args=(theirs, task, arguments, nobody, largest))
    child.start()
    theirs.close()
    try:
        answer = ours.recv() if ours.poll(_SECONDS) else None
    except EOFError:
        answer = None
    if answer is None:
        child.kill()
    child.join()
    if answer is None:
        raise Escaped(f"no word from the process, exit code {child.exitcode}")
    kind, value = answer
    if kind == "refused":
        raise KbError(value[0], user_message=value[1])
    if kind == "escaped":
        raise Escaped(value)
    result: Made = value
    return result


def _child(
    theirs: Connection, task: Callable[..., object], arguments: tuple[object, ...], nobody: bool, largest: int
) -> None:
    theirs.send(_outcome(task, arguments, nobody, largest))


def _outcome(
    task: Callable[..., object], arguments: tuple[object, ...], nobody: bool, largest: int
) -> tuple[str, object]:
    try:
        if nobody and os.geteuid() == 0:
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
        if largest:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        return "done", task(*arguments)
    except KbError as error:
        return "refused", (str(error), error.user_message)
    except BaseException as error:  # noqa: BLE001 - whatever escapes is the finding
        return "escaped", f"{type(error).__name__}: {error}"


def open_to_all(folder: Path) -> Path:
    """Let every account read a folder and reach it; nobody but its owner writes it."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for parent in folder.parents:
        if parent.stat().st_uid == os.getuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o055)
        if parent.name == "tmp":
            break
    return folder
