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


def report(results: Sequence[Result]) -> dict[str, object]:
    """Everything of a run with its day and machine."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()},
        "results": [asdict(result) for result in results],
    }


def write(path: Path, results: Sequence[Result]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report(results), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
