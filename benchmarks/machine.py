"""The machine that figures belong to, and what a child process took of it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# A child's peak memory counts what its parent had when it forked it, so a small process stands between.
_RUNNER = """
import json, resource, subprocess, sys, time
started = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"code": code, "seconds": seconds, "peak": peak}))
"""
_KIB_IN_MB = 1024 / 1e6


@dataclass(frozen=True, slots=True)
class Run:
    """A finished child process: wall time and peak resident memory in MB (10^6 bytes)."""

    seconds: float
    peak_mb: float


def run_child(command: Sequence[str]) -> Run:
    """Run a command to its end, its output thrown away.

    Raises:
        RuntimeError: it failed.
    """
    done = _output([sys.executable, "-c", _RUNNER, *command])
    result = json.loads(done)
    if result["code"] != 0:
        raise RuntimeError(f"{' '.join(command)} ended with status {result['code']}")
    return Run(result["seconds"], result["peak"] * _KIB_IN_MB)


def run_module(module: str, *arguments: str) -> str:
    """Run one of our modules in a process of its own; return what it prints."""
    return _output([sys.executable, "-m", module, *arguments])


def _output(command: Sequence[str]) -> str:
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with status {done.returncode}")
    return done.stdout


def resident_mb() -> float:
    """Resident memory of this process now, in MB; Linux only.

    Raises:
        OSError: the system does not tell.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * _KIB_IN_MB


def describe() -> str:
    """One line about the machine: processor, cores, memory, system, Python."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{_processor()}，{os.cpu_count()} 核，{pages:.0f} GiB，{platform.system()}，Python {platform.python_version()}"
    )


def load() -> float:
    """Mean number of runnable processes over the last minute: figures taken on a busy machine say so."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    # Products of eight-bit numbers, which are most of the work, take half the time with these instructions.
    vnni = "（有 VNNI）" if any("vnni" in flag for flag in told.get("flags", "").split()) else ""
    return told.get("model name", platform.machine()) + vnni
