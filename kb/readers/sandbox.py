"""Running a parser in a process of its own, so that a hostile file can cost neither memory nor time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from kb.readers.faults import ReaderFault

TIMEOUT_SECONDS = 90.0
_ROOT = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")


def parse_limited(kind: str, path: Path, timeout: float = TIMEOUT_SECONDS) -> object:
    """Parse a file with ``kb.readers.child`` and return what the parser of its kind returns, as JSON values.

    Raises:
        ReaderFault: the parser named a fault, crashed ("corrupt"), or ran out of time or memory ("resources").
    """
    # -P keeps the working folder, where a hostile module may lie, off the import path.
    command = [sys.executable, "-P", "-m", "kb.readers.child", kind, str(path.resolve())]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the path is an argument, never a shell word
            command, capture_output=True, timeout=timeout, env=environment, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise ReaderFault("resources", f"timeout after {timeout} s") from error
    if done.returncode:
        raise _crash(done.returncode, done.stderr.decode("utf-8", "replace"))
    return _answer(done.stdout)


def _answer(output: bytes) -> object:
    try:
        answer: dict[str, object] = json.loads(output)
    except json.JSONDecodeError as error:
        raise ReaderFault("corrupt", "the parser's answer is cut off") from error
    if "fault" in answer:
        raise ReaderFault(str(answer["fault"]))
    return answer["result"]


def _crash(code: int, trace: str) -> ReaderFault:
    """Name the fault: a signal is a limit that was hit; an exception is a file that the parser cannot read."""
    exhausted = code < 0 or "MemoryError" in trace or "RecursionError" in trace
    last = trace.strip().splitlines()[-1:] or [f"exit {code}"]
    return ReaderFault("resources" if exhausted else "corrupt", last[0][:300])
