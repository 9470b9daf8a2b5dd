"""Resident memory of a process that has answered a few hundred questions; run as a module it is that process."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from benchmarks.machine import resident_mb, run_module
from benchmarks.records import Figure, Settings, Skipped, sample_questions
from kb.workspace import Workspace

_SAMPLE, _QUICK_SAMPLE = 300, 40


def run(settings: Settings) -> list[Figure]:
    """Measure in a process of its own, so that nothing else that was measured here counts."""
    if not Path("/proc/self/status").exists():
        raise Skipped("只有 Linux 报告常驻内存")
    space = settings.workspace()
    if space.stale():
        space.build()
    count = _QUICK_SAMPLE if settings.quick else _SAMPLE
    found = json.loads(run_module("benchmarks.memory", str(settings.corpus), str(settings.store), str(count)))
    return [
        Figure("常驻内存，打开索引后", found["opened"], "MB", "问答进程，不含网页"),
        Figure(f"常驻内存，答完 {count} 题后", found["answered"], "MB"),
    ]


def main(corpus: Path, store: Path, count: int) -> None:
    """Open the index, answer, and print the memory before and after as JSON."""
    from assistant.reply import Assistant

    opened = Workspace(corpus, store, threads=os.cpu_count() or 1).open()
    assistant = Assistant(opened.knowledge, opened.searcher)
    assistant.warm()
    before = resident_mb()
    for question in sample_questions(corpus, count):
        assistant.reply(None, question)
    print(json.dumps({"opened": before, "answered": resident_mb()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
