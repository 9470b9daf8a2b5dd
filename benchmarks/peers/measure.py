"""One system, one corpus, one process: build the index, or open it and answer. Runs in either environment.

``python -m benchmarks.peers.measure build|serve SYSTEM SETUP.json OUT.json``
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from benchmarks.peers.setup import Search, Setup, System, read_setup, read_texts

_WARM_UP = 10
_KIB_IN_MB = 1024 / 1e6


def main(action: str, name: str, setup: Setup, out: Path) -> None:
    """Measure and write what was found as JSON."""
    system = cast(System, importlib.import_module(f"benchmarks.peers.systems.with_{name}"))
    found = _build(system, setup) if action == "build" else _serve(system, setup)
    out.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def _build(system: System, setup: Setup) -> dict[str, object]:
    build = system.builder(setup)
    texts = read_texts(setup)
    started, busy = time.perf_counter(), time.process_time()
    build(texts)
    return {
        "seconds": time.perf_counter() - started,
        "cpu_s": time.process_time() - busy,
        "peak_mb": _peak_mb(),
    }


def _serve(system: System, setup: Setup) -> dict[str, object]:
    questions: list[str] = json.loads(Path(setup.questions).read_text(encoding="utf-8"))
    searches = system.searches(setup)
    advised = next(iter(searches))
    searches[advised](questions[0])
    startup = _seconds_since_start()
    modes: dict[str, object] = {}
    peak = 0.0
    for mode, search in searches.items():
        modes[mode] = _asked(search, questions)
        peak = peak or _peak_mb()  # of the advised way alone
    return {"startup_s": startup, "peak_mb": peak, "modes": modes}


def _asked(search: Search, questions: Sequence[str]) -> dict[str, object]:
    for question in questions[:_WARM_UP]:
        search(question)
    milliseconds, cpu, rankings = [], [], []
    for question in questions:
        started, busy = time.perf_counter(), time.process_time()
        found = search(question)
        cpu.append((time.process_time() - busy) * 1000)
        milliseconds.append((time.perf_counter() - started) * 1000)
        rankings.append(list(dict.fromkeys(found)))
    return {"ms": milliseconds, "cpu_ms": cpu, "rankings": rankings}


def _seconds_since_start() -> float:
    """Age of this process, the interpreter's own start included."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _peak_mb() -> float:
    """Highest resident memory of this process since it began to run Python, in MB (10^6 bytes)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * _KIB_IN_MB


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], read_setup(Path(sys.argv[3])), Path(sys.argv[4]))
