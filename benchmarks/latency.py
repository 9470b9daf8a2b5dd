"""One question → Answer at a time, and where the time goes: the real functions are wrapped in a stopwatch."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import numpy as np

import assistant.answers
import kb.embedding.onnx_encoder
import kb.search
from assistant.citations import Citer
from assistant.evaluation.questions import corpus_files, read_dialogues
from assistant.reply import Assistant
from benchmarks.records import Figure, Settings, sample_questions
from kb.dense import FaissIndex
from kb.embedding import OnnxEmbedder
from kb.query import Analyzer

_SAMPLE, _QUICK_SAMPLE = 300, 40
_MS = 1000.0
# Step → the functions whose time is its time, less what another step takes within.
_STEPS: tuple[tuple[str, object, str], ...] = (
    ("分析", Analyzer, "analyse"),
    ("切词元", OnnxEmbedder, "_ids"),
    ("模型前向", kb.embedding.onnx_encoder, "_run"),
    ("向量检索", FaissIndex, "search"),
    ("关键词与特征", kb.search, "candidates"),
    ("排序", kb.search, "rank"),
    ("成文", assistant.answers, "render_answer"),
    ("成文", assistant.answers, "render_decision"),
    ("成文", assistant.answers, "render_section"),
    ("成文", Citer, "of"),
)


def run(settings: Settings) -> list[Figure]:
    """Measure latency percentiles and each step's share of the mean."""
    cores = os.cpu_count() or 1
    opened = settings.workspace(cores).open_fresh()
    assistant_ = Assistant(opened.knowledge, opened.searcher)
    questions = sample_questions(settings.corpus, _QUICK_SAMPLE if settings.quick else _SAMPLE)
    assistant_.warm()
    plain = np.array([_timed(assistant_, question) for question in questions])
    spent: dict[str, float] = {}
    afresh = Assistant(opened.knowledge, settings.workspace(cores).open_fresh().searcher)  # nothing is remembered
    afresh.warm()
    with stopwatches(spent):
        total = sum(_timed(afresh, question) for question in questions)
    p50, p95, p99 = np.percentile(plain, [50, 95, 99])
    note = f"{len(questions)} 题，一次一问，编码用 {cores} 核，无缓存"
    return [
        Figure("问 → 答 p50", float(p50) * _MS, "ms", note),
        Figure("问 → 答 p95", float(p95) * _MS, "ms"),
        Figure("问 → 答 p99", float(p99) * _MS, "ms"),
        *(_share(step, seconds, total, len(questions)) for step, seconds in spent.items()),
        _share("其余", total - sum(spent.values()), total, len(questions)),
        *_dialogue(assistant_, [(question,) for question in questions], "单问"),
        *_dialogue(assistant_, _conversations(settings), "多轮的后续轮次"),
    ]


def _conversations(settings: Settings) -> list[tuple[str, ...]]:
    dialogues = read_dialogues(*corpus_files(settings.corpus, "dialogues"))
    return [tuple(turn.user for turn in dialogue.turns) for dialogue in dialogues]


def _dialogue(assistant_: Assistant, conversations: Sequence[Sequence[str]], name: str) -> list[Figure]:
    """What understanding, dialogue and templates take of a turn: all of it that is not spent in the search."""
    searched: dict[str, float] = {}
    outside: list[float] = []
    with patch.object(kb.search.Searcher, "search", _watched(kb.search.Searcher.search, "search", searched, [])):
        for turns in conversations:
            state = None
            for number, text in enumerate(turns):
                searched["search"] = 0.0
                started = time.perf_counter()
                state, _ = assistant_.reply(state, text)
                if number or len(turns) == 1:
                    outside.append(time.perf_counter() - started - searched["search"])
    note = f"{len(outside)} 次"
    return [Figure(f"检索以外（理解、对话、模板）p50，{name}", float(np.median(outside)) * _MS, "ms", note)]


@contextmanager
def stopwatches(spent: dict[str, float]) -> Iterator[None]:
    """Add the seconds that each step takes to ``spent`` while the context lasts; for one thread."""
    within: list[float] = []
    with ExitStack() as stack:
        for step, owner, name in _STEPS:
            spent.setdefault(step, 0.0)
            stack.enter_context(patch.object(owner, name, _watched(getattr(owner, name), step, spent, within)))
        yield


def _watched(
    function: Callable[..., object], step: str, spent: dict[str, float], within: list[float]
) -> Callable[..., object]:
    """Time a function; ``within`` holds, for each step that runs, what the steps inside it have taken so far."""

    def timed(*arguments: object, **named: object) -> object:
        within.append(0.0)
        started = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds = time.perf_counter() - started
            spent[step] += seconds - within.pop()
            if within:
                within[-1] += seconds

    return timed


def _timed(assistant_: Assistant, question: str) -> float:
    started = time.perf_counter()
    assistant_.reply(None, question)
    return time.perf_counter() - started


def _share(step: str, seconds: float, total: float, count: int) -> Figure:
    return Figure(f"其中 {step}", 100 * seconds / total, "%", f"平均 {seconds / count * _MS:.2f} ms")
