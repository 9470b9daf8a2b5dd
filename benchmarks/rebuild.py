"""Rebuilding the index after one answer was changed, on a copy of the corpus."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from benchmarks.records import Figure, Settings, Skipped
from kb.store import Version
from kb.workspace import Workspace

_ANSWER = re.compile(r"^(\s+short: )(?![|>\"'])(.+)$", re.MULTILINE)


def run(settings: Settings) -> list[Figure]:
    """Measure a rebuild whose texts are embedded already, except for the one that changed."""
    space = settings.workspace()
    if space.stale():
        space.build()
    with tempfile.TemporaryDirectory(prefix="zhida-bench-") as name:
        corpus, store = Path(name, "corpus"), Path(name, "store")
        shutil.copytree(settings.corpus, corpus)
        shutil.copytree(settings.store, store, ignore=shutil.ignore_patterns("*.lock", "runs", "adapt"))
        return _rebuild(corpus, store)


def _rebuild(corpus: Path, store: Path) -> list[Figure]:
    marks: list[tuple[str, float]] = []
    copy = Workspace(
        corpus, store, progress=lambda phrase, _share: marks.append((phrase, time.perf_counter())), threads=2
    )
    copy.embedder()  # opening the model is not part of a rebuild
    first, _, _ = _after_a_change(copy)
    marks.clear()
    seconds, started, version = _after_a_change(copy)
    steps = [("读知识库与旧索引", started), *marks]
    counts = version.manifest["counts"]
    note = f"{counts['entries']} 条问答、{counts['rows']} 行" if isinstance(counts, dict) else ""
    started = time.perf_counter()
    copy.build(refit=True)
    return [
        Figure("改一条答案后重建", seconds, "s", note),
        *_durations(steps),
        Figure("新开的进程里第一次", first, "s", "另要读词典、多开一个编码的会话"),
        Figure("重建并重新拟合排序", time.perf_counter() - started, "s", "改动多时自动如此"),
    ]


def _after_a_change(space: Workspace) -> tuple[float, float, Version]:
    """Change an answer and rebuild; the seconds it took, when it began, and what came of it."""
    change_one_answer(space.corpus_folder)
    started = time.perf_counter()
    version = space.build()
    return time.perf_counter() - started, started, version


def _durations(steps: list[tuple[str, float]]) -> list[Figure]:
    """How long each phase lasted: until the next one was reported."""
    spent: dict[str, float] = {}
    for (phase, start), (_, end) in pairwise(steps):
        spent[phase] = spent.get(phase, 0.0) + end - start
    return [Figure(f"其中 {phase}", seconds, "s") for phase, seconds in spent.items()]


def change_one_answer(corpus: Path) -> None:
    """Add a sentence to the first answer of the corpus.

    Raises:
        Skipped: no file of ``faq/`` has an answer to change.
    """
    for path in sorted((corpus / "faq").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        changed, count = _ANSWER.subn(r"\1\2 以页面为准。", text, count=1)
        if count:
            path.write_text(changed, encoding="utf-8")
            return
    raise Skipped(f"{corpus}/faq 里没有可改的答案")
