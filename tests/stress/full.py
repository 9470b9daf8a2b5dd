"""A disk that is full in earnest: a small file system of its own, filled up to its last bytes before a change."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from stress import world
from stress.apart import apart
from stress.damage import Scenario, refused
from stress.records import say

_SIZE = "2m"
_LEFT = (0, 4_096, 16_384, 40_960, 81_920)


@cache
def why_not() -> str:
    """Why no file system can be mounted here, "" where one can: it takes root, and a sandbox may forbid it to root too."""
    if os.geteuid() or shutil.which("mount") is None:
        return "挂载磁盘需要 root"
    place = Path(os.environ.get("TMPDIR", "/tmp")) / f"zhida-mount-{os.getpid()}"  # noqa: S108 - an empty mount point
    place.mkdir()
    try:
        with _mounted(place):
            return ""
    except subprocess.CalledProcessError as error:
        return f"不能挂载磁盘：{error.stderr.decode('utf-8', 'replace').strip()}"
    finally:
        place.rmdir()


def full_file_system(folder: Path, draw: random.Random) -> Iterator[str]:
    """Every change on a disk with a few bytes left: refused in plain words or whole; then there is room again."""
    if reason := why_not():
        say(reason)
        return
    action = draw.choice(sorted(world.ACTIONS))
    left = draw.choice(_LEFT)
    about = f"{action}，磁盘还剩 {left} 字节"
    place = folder.with_name(f"{folder.name}-disk")
    place.mkdir()
    with _mounted(place):
        made = world.copy(folder, place / "world")
        if action in world.NEEDS_CHANGE:
            world.change(made)
        before = world.look(made)
        filler = _fill(place, left)
        yield from refused(about, made, before, lambda: apart(world.ACTIONS[action], made))
        filler.unlink()
        apart(world.ACTIONS["build"], made)
        if debris := world.debris(made):
            yield f"{about}：留下了残余 {debris}"
    place.rmdir()


@contextmanager
def _mounted(place: Path) -> Iterator[None]:
    _run("mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=755", "zhida-full", str(place))
    try:
        yield
    finally:
        _run("umount", str(place))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - ours, on a folder of ours


def _fill(place: Path, left: int) -> Path:
    state = os.statvfs(place)
    filler = place / "filler"
    filler.write_bytes(bytes(max(state.f_bavail * state.f_frsize - left, 0)))
    return filler


SCENARIOS: Mapping[str, Scenario] = {"磁盘真的写满": full_file_system}
