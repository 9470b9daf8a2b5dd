"""One step in a process of its own, so that its memory is its own: ``python -m benchmarks.scale.child STEP FOLDER``."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

import kb.matched
import kb.search
from benchmarks.scale.recall import recall
from benchmarks.scale.synthetic import KnownEmbedder, asked
from kb.build import build
from kb.corpus import load_corpus
from kb.embedding import OnnxEmbedder, default_root, open_packaged
from kb.lexical import LexicalIndex
from kb.paths import shipped_corpus
from kb.query import Analyzer
from kb.search import Searcher
from kb.snapshot import load_knowledge
from kb.store import Store
from kb.workspace import DELTA

_MS = 1000.0
_KIB_IN_MB = 1024 / 1e6
_WARM = 20
# Step → the functions whose time is its time; none of them calls another.
_STEPS: tuple[tuple[str, object, str], ...] = (
    ("analyse", Analyzer, "analyse"),
    ("encode", OnnxEmbedder, "encode_queries"),
    ("dense", kb.matched, "nearest"),
    ("bm25", LexicalIndex, "scores_of"),
    ("rank", kb.search, "rank"),
)


def build_step(folder: Path) -> dict[str, object]:
    """Build the made corpus, or build it again after a change; seconds by phase, peak memory in MB."""
    embedder = KnownEmbedder(_encoder(threads=2), folder)
    marks: list[tuple[str, float]] = [("读知识库", time.perf_counter())]
    started, busy = time.perf_counter(), time.process_time()
    corpus = load_corpus(folder / "corpus")
    marks.append(("读旧索引", time.perf_counter()))
    version = build(
        corpus,
        embedder,
        Store(folder / "store"),
        progress=lambda phrase, _: marks.append((phrase, time.perf_counter())),
    )
    seconds, phases = time.perf_counter() - started, {}
    for (phrase, start), (_, end) in zip(marks, marks[1:], strict=False):
        phases[phrase] = phases.get(phrase, 0.0) + end - start
    return {
        "seconds": seconds,
        "cpu_seconds": time.process_time() - busy,
        "phases": phases,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB_IN_MB,
        "disk_mb": sum(path.stat().st_size for path in version.folder.iterdir()) / 1e6,
        "counts": version.manifest["counts"],
    }


def ask_step(folder: Path) -> dict[str, object]:
    """Open the version and ask held-out forms one by one: milliseconds by step, memory in MB, recall."""
    encoder = _encoder(threads=1)
    before = memory()
    started = time.perf_counter()
    version = Store(folder / "store").current()
    analyzer, embedder = Analyzer(load_knowledge(version.folder).lexicon), KnownEmbedder(encoder, None)
    searcher = Searcher.open(version, analyzer, embedder)
    opened = time.perf_counter() - started
    after_opening = memory()
    questions = asked(folder)
    for question in questions[:_WARM]:
        searcher.search_anew(question)
    wall, cpu = zip(*(_timed(partial(searcher.search_anew, question)) for question in questions), strict=True)
    # Another searcher of the same index: the first remembers what it has analysed.
    afresh = Searcher(searcher.index, searcher.ranker, analyzer, embedder)
    steps = by_step(afresh, questions)
    vectors = searcher.vectors(questions)
    return {
        "open_seconds": opened,
        "ms": _percentiles(wall),
        "cpu_ms": _percentiles(cpu),
        "steps": {
            step: {"ms": _percentiles([one[0] for one in times]), "cpu_ms": _percentiles([one[1] for one in times])}
            for step, times in steps.items()
        },
        "memory_mb": {"encoder": before, "opened": after_opening, "asked": memory()},
        "recall": recall(searcher.index.dense, vectors, searcher.index.dense.vectors()),
    }


def by_step(searcher: Searcher, questions: Sequence[str]) -> dict[str, list[tuple[float, float]]]:
    """Ask the questions one by one: wall and processor seconds of each step in each of them."""
    steps: dict[str, list[tuple[float, float]]] = {}
    with ExitStack() as stack:
        for step, owner, name in _STEPS:
            stack.enter_context(patch.object(owner, name, _watched(getattr(owner, name), steps.setdefault(step, []))))
        for question in questions:
            searcher.search_anew(question)
    return steps


def memory() -> dict[str, float]:
    """Resident memory now, in MB: the process' own, and pages of mapped files, which the system may take back."""
    lines = [line.split() for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines()]
    found = {line[0]: int(line[1]) * _KIB_IN_MB for line in lines if line[0] in {"RssAnon:", "RssFile:"}}
    return {"own": found["RssAnon:"], "mapped": found["RssFile:"]}


def _encoder(threads: int) -> OnnxEmbedder:
    return open_packaged(default_root(), delta=shipped_corpus() / DELTA, threads=threads)


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds; on a busy machine only the second is this call's own."""
    wall, cpu = time.perf_counter(), time.thread_time()
    call()
    return time.perf_counter() - wall, time.thread_time() - cpu


def _watched(function: Callable[..., object], times: list[tuple[float, float]]) -> Callable[..., object]:
    def timed(*arguments: object, **named: object) -> object:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return function(*arguments, **named)
        finally:
            times.append((time.perf_counter() - wall, time.thread_time() - cpu))

    return timed


def _percentiles(seconds: object) -> dict[str, float]:
    values = np.percentile(np.asarray(seconds), [50, 95, 99]) * _MS
    return dict(zip(("p50", "p95", "p99"), values.tolist(), strict=True))


STEPS = {"build": build_step, "ask": ask_step}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](Path(sys.argv[2])), ensure_ascii=False))
