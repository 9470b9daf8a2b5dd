"""Every system on one corpus, one process after another, and what that comes to."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.environment import ROOT, child_environment
from benchmarks.peers.setup import Setup
from benchmarks.peers.tasks import Task
from kb.metrics import first_ranks, hit_at, mean, reciprocal_rank_at

SYSTEMS = {"zhida": "知答", "txtai": "txtai", "haystack": "Haystack", "llamaindex": "LlamaIndex"}
_DEPTH = 10
_LONGEST = 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """Quality of a system's answers, 0..1, and the time of one question after another, in milliseconds.

    ``cpu_ms`` is the median of the processor time of all threads, which a busy machine distorts least.
    """

    hit_at_1: float
    mrr_at_10: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Row:
    """One system on one corpus.

    Attributes:
        advised: asked as its documentation advises, words and vectors together.
        dense: asked by vectors alone; None for this project, which has no such switch.
        index_s, index_cpu_s: from texts in memory to an index on disk, library and model already loaded.
        startup_s: from the start of a process to its first answer over an index on disk.
        memory_mb: peak resident memory of the process that answers, asked as advised.
        build_memory_mb: peak resident memory of the process that builds.
    """

    system: str
    advised: Asked
    dense: Asked | None
    index_s: float
    index_cpu_s: float
    startup_s: float
    memory_mb: float
    build_memory_mb: float


def run_task(task: Task, model: Path, pythons: dict[str, Path], threads: int, say: Callable[[str], None]) -> list[Row]:
    """Build and ask with every system of ``pythons``, which gives each its interpreter."""
    rows: list[Row] = []
    for system, python in pythons.items():
        with tempfile.TemporaryDirectory(prefix="zhida-peers-") as folder:
            work = Path(folder)
            setup = _lay_down(task, model, threads, work)
            say(f"{task.title} · {SYSTEMS[system]}：建索引")
            built = _child(python, "build", system, setup, work / "built.json", threads)
            say(f"{task.title} · {SYSTEMS[system]}：提问")
            served = _child(python, "serve", system, setup, work / "served.json", threads)
        row = _row(task, system, built, served)
        rows.append(row)
        say(f"  hit@1 {row.advised.hit_at_1:.3f}，p50 {row.advised.p50_ms:.1f} ms，建索引 {row.index_s:.1f} s")
    return rows


def _lay_down(task: Task, model: Path, threads: int, work: Path) -> Path:
    texts, questions = work / "texts.jsonl", work / "questions.json"
    texts.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in task.texts), encoding="utf-8")
    questions.write_text(json.dumps([text for text, _ in task.questions], ensure_ascii=False), encoding="utf-8")
    setup = Setup(
        corpus=str(task.corpus),
        texts=str(texts),
        questions=str(questions),
        index=str(work / "index"),
        model=str(model),
        prefix=task.prefix,
        depth=task.depth,
        threads=threads,
    )
    setup.save(work / "setup.json")
    return work / "setup.json"


def _child(python: Path, action: str, system: str, setup: Path, out: Path, threads: int) -> dict[str, Any]:
    command = [str(python), "-m", "benchmarks.peers.measure", action, system, str(setup), str(out)]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=child_environment(threads), capture_output=True, text=True, timeout=_LONGEST, check=False
    )
    if done.returncode != 0:
        sys.stderr.write(done.stderr)
        raise RuntimeError(f"{action} {system} ended with status {done.returncode}")
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _row(task: Task, system: str, built: dict[str, Any], served: dict[str, Any]) -> Row:
    asked = {mode: _asked(task, answers) for mode, answers in served["modes"].items()}
    return Row(
        system=system,
        advised=asked["hybrid"],
        dense=asked.get("dense"),
        index_s=built["seconds"],
        index_cpu_s=built["cpu_s"],
        startup_s=served["startup_s"],
        memory_mb=served["peak_mb"],
        build_memory_mb=built["peak_mb"],
    )


def _asked(task: Task, answers: dict[str, Any]) -> Asked:
    ranks = first_ranks(relevance(answers["rankings"], [right for _, right in task.questions], whole=task.whole))
    return Asked(
        hit_at_1=mean(hit_at(ranks, 1)),
        mrr_at_10=mean(reciprocal_rank_at(ranks, _DEPTH)),
        p50_ms=statistics.median(answers["ms"]),
        p95_ms=float(np.percentile(answers["ms"], 95)),
        cpu_ms=statistics.median(answers["cpu_ms"]),
    )


def relevance(rankings: Sequence[Sequence[str]], gold: Sequence[frozenset[str]], *, whole: bool) -> list[list[bool]]:
    """Whether each thing found is right; ``whole`` counts an article once, in the place of its best section."""
    return [
        [unit in right for unit in dict.fromkeys(unit.partition("#")[0] if whole else unit for unit in found)]
        for found, right in zip(rankings, gold, strict=True)
    ]
