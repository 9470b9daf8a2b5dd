"""Runs the scenarios of damage and of a service in trouble, each a number of times in a world of its own."""

from __future__ import annotations

import random
import time
from pathlib import Path

from stress import world
from stress.damage import SCENARIOS as DAMAGE
from stress.full import SCENARIOS as FULL
from stress.records import Result, say
from stress.service import SCENARIOS as SERVICE


def run(folder: Path, rounds: int, *, seed: int) -> Result:
    """Try every scenario ``rounds`` times below ``folder``."""
    world.make(folder / "world")
    faults: list[str] = []
    began = time.monotonic()
    every = {**DAMAGE, **FULL, **SERVICE}
    for name, scenario in every.items():
        for number in range(rounds):
            place = world.copy(folder / "world", folder / f"{number}")
            try:
                found = list(scenario(place, random.Random(f"{seed} {name} {number}")))  # noqa: S311 - seeded, no secret
            except Exception as error:  # noqa: BLE001 - whatever escapes is the finding
                found = [f"{type(error).__name__}: {error}"]
            faults += [f"{name}（种子 {seed}，第 {number} 次）：{fault}" for fault in found]
            world.remove(place)
        say(f"{name} {rounds} 次，问题 {faults}")
    figures = {"场景": len(every), "秒": round(time.monotonic() - began)}
    return Result("故障", len(every) * rounds, tuple(faults), figures)
