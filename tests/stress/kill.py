"""kill -9 at random points of every change: what opens afterwards is the old state or the new one, whole.

Half of the kills come from within, right before the n-th touch of the disk (an audit hook counts them), so that every
gap between two steps is hit; the others come from outside after a random time, in the middle of whatever runs.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from stress import world
from stress.apart import context
from stress.records import Result, say

_TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"})
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a change in a process of its own came out.

    ``acknowledged``: it had told its caller that it was done; ``touches`` and ``seconds`` are those of a whole run.
    """

    code: int | None
    acknowledged: bool
    touches: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Cut:
    """Where to kill: before the n-th touch of the disk, or after so many seconds; neither lets the change finish."""

    touch: int = 0
    after: float = 0.0

    def __str__(self) -> str:
        return f"第 {self.touch} 次写盘前" if self.touch else f"{self.after * 1000:.0f} 毫秒后"


def run(folder: Path, kills: int, *, seed: int) -> Result:
    """Kill every action in turn, ``kills`` times in all, in copies of one world below ``folder``."""
    start(folder)
    faults: list[str] = []
    struck = 0
    began = time.monotonic()
    plan = list(_plan(folder, kills, random.Random(seed)))  # noqa: S311 - a seeded plan, no secret
    sides = {action: (world.look(folder / action), world.look(folder / f"{action}-done")) for action in world.ACTIONS}
    for number, (action, cut) in enumerate(plan):
        place = world.copy(folder / action, folder / f"try-{number}")
        ended = change(action, place, cut)
        struck += ended.code == -signal.SIGKILL
        found = _judge(action, place, ended, *sides[action])
        faults += [f"{action} {cut}（种子 {seed}，第 {number} 次）：{fault}" for fault in found]
        if (number + 1) % 10 == 0:
            say(f"kill -9 {number + 1}/{kills}，问题 {faults}")
        world.remove(place)
    seconds = round(time.monotonic() - began)
    return Result("kill -9", kills, tuple(faults), {"真正中断": struck, "秒": seconds})


def start(folder: Path) -> None:
    """Copy the world below ``folder``, made where it is missing, for each action."""
    if not (folder / "world").exists():
        world.make(folder / "world")
    for action in world.ACTIONS:
        world.copy(folder / "world", folder / action)
        if action in world.NEEDS_CHANGE:
            world.change(folder / action)


def _plan(folder: Path, kills: int, draw: random.Random) -> Iterator[tuple[str, Cut]]:
    """Where to cut, after one whole run of each action has shown how long it is."""
    whole = {}
    for action in world.ACTIONS:
        done = world.copy(folder / action, folder / f"{action}-done")
        whole[action] = change(action, done, Cut())
        if whole[action].code:
            raise RuntimeError(f"{action} does not run to its end: {whole[action]}")
    for number in range(kills):
        action = list(world.ACTIONS)[number % len(world.ACTIONS)]
        ended = whole[action]
        inside = (number // len(world.ACTIONS)) % 2 == 0
        yield action, Cut(touch=draw.randint(1, ended.touches)) if inside else Cut(after=draw.uniform(0, ended.seconds))


def _judge(action: str, place: Path, ended: Ended, old: world.State, new: world.State) -> Iterator[str]:
    """Old or new and nothing between; new once that was acknowledged; and the next change works without hand work."""
    try:
        found = world.look(place)
        if found not in (old, new):
            yield f"既不是旧的也不是新的：{_parts(found, old, new)}"
        if ended.acknowledged and found != new:
            yield "已经确认的改动丢了"
        again = change(action, place, Cut()) if found == old else change("build", place, Cut())
        if again.code:
            yield f"再来一次失败：退出码 {again.code}"
        elif found == old and world.look(place) != new:
            yield "再来一次没有得到新的"
        if left := world.debris(place):
            yield f"留下了残余：{left}"
    except Exception as error:  # noqa: BLE001 - whatever opening raises is the finding
        yield f"打不开：{type(error).__name__}: {error}"


def _parts(found: world.State, old: world.State, new: world.State) -> dict[str, str]:
    return {
        name: "旧"
        if getattr(found, name) == getattr(old, name)
        else "新"
        if getattr(found, name) == getattr(new, name)
        else "?"
        for name in ("knowledge", "weights", "serving")
    }


def change(action: str, place: Path, cut: Cut) -> Ended:
    """Do an action in a process of its own and end it where the cut says."""
    ours, theirs = context().Pipe()
    child = context().Process(target=_child, args=(action, place, cut.touch, theirs))
    child.start()
    theirs.close()
    heard = _listen(ours, child, cut.after)
    child.join()
    return Ended(child.exitcode, heard is not None, *(heard or ()))


def _listen(ours: Connection, child: multiprocessing.process.BaseProcess, after: float) -> tuple[int, float] | None:
    """Wait for the child's word that it is done, and kill it when its time is up."""
    try:
        ours.recv()  # it is about to begin
        if not ours.poll(after or _PATIENCE):
            child.kill()
        heard: tuple[int, float] = ours.recv()
    except EOFError:
        return None
    return heard


def _child(action: str, place: Path, touch: int, theirs: Connection) -> None:
    touches = 0
    here = str(place)

    def count(event: str, args: tuple[object, ...]) -> None:
        nonlocal touches
        if event in _TOUCHES and args and str(args[0]).startswith(here):
            touches += 1
            if touches == touch:
                os.kill(os.getpid(), signal.SIGKILL)

    theirs.send(())
    began = time.monotonic()
    sys.addaudithook(count)
    world.ACTIONS[action](place)
    theirs.send((touches, time.monotonic() - began))
