"""What a stress run says of itself, as a table and as JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Result:
    """One kind of run: how many tries, what went wrong in them (nothing should), and what was measured."""

    name: str
    tries: int
    faults: tuple[str, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        figures = "，".join(f"{name} {value}" for name, value in self.figures.items())
        return f"{self.name:<12} {self.tries:>7} 次，{len(self.faults)} 个问题  {figures}"


def say(line: str) -> None:
    """Tell at once how far a long run is and what it has found; standard error, so that tests keep it to themselves."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def write(path: Path, results: Sequence[Result]) -> None:
    """Write what was run, with its day and machine, beside what the file has of other parts."""
    now = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": _machine()}
    fresh = {result.name: {**asdict(result), **now} for result in results}
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = json.dumps({**kept, **fresh}, ensure_ascii=False, indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")


def _machine() -> dict[str, object]:
    return {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}
