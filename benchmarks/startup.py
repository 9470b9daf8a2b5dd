"""From starting a process to its first answer: ``zhida ask`` with the index built."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from benchmarks.machine import run_child
from benchmarks.records import Figure, Settings

_QUESTION = "为什么月付显示本订单暂不支持"
_RUNS, _QUICK_RUNS = 5, 1


def run(settings: Settings) -> list[Figure]:
    """Measure wall time and peak memory of a fresh process; files are in the page cache after the first run."""
    space = settings.workspace()
    if space.stale():
        space.build()
    command = [
        *_program(),
        "ask",
        _QUESTION,
        "--json",
        "--corpus",
        str(settings.corpus),
        "--store",
        str(settings.store),
    ]
    runs = [run_child(command) for _ in range(_QUICK_RUNS if settings.quick else _RUNS)]
    seconds = [item.seconds for item in runs]
    return [
        Figure(
            "进程启动 → 首个回答", statistics.median(seconds), "s", f"zhida ask，{len(runs)} 次的中位数，含打开索引"
        ),
        Figure("进程启动 → 首个回答，第一次", seconds[0], "s"),
        Figure("zhida ask 内存峰值", max(item.peak_mb for item in runs), "MB"),
    ]


def _program() -> list[str]:
    installed = Path(sys.executable).with_name("zhida")
    if installed.exists():
        return [str(installed)]
    return [sys.executable, "-c", "from assistant.cli import main; main()"]
