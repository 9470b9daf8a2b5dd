"""The encoder alone: one short question, and many texts at once."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.records import Figure, Settings, sample_questions
from kb.embedding import OnnxEmbedder, default_root, prepare

_QUESTION = "月付怎么关闭"
_RUNS, _QUICK_RUNS = 300, 50
_TEXTS, _QUICK_TEXTS = 800, 100
_MS = 1000.0


def run(settings: Settings) -> list[Figure]:
    """Measure the packaged encoder with the corpus' own weights."""
    folder = prepare(default_root(), delta=settings.workspace().delta)
    one = _one_question(OnnxEmbedder(folder, threads=1), _QUICK_RUNS if settings.quick else _RUNS)
    texts = sample_questions(settings.corpus, _QUICK_TEXTS if settings.quick else _TEXTS)
    rate = _bulk(OnnxEmbedder(folder, threads=2), texts)
    return [
        Figure("编码一个短问题 p50", float(np.percentile(one, 50)) * _MS, "ms", f"单线程，{len(one)} 次"),
        Figure("编码一个短问题 p95", float(np.percentile(one, 95)) * _MS, "ms"),
        Figure("批量编码", rate, "条/s", f"2 线程，{len(texts)} 个问题，平均 {_mean_length(texts):.0f} 字"),
    ]


def _one_question(embedder: OnnxEmbedder, runs: int) -> list[float]:
    seconds = []
    for number in range(runs + 10):
        started = time.perf_counter()
        embedder.encode_queries([_QUESTION])
        if number >= 10:
            seconds.append(time.perf_counter() - started)
    return seconds


def _bulk(embedder: OnnxEmbedder, texts: list[str]) -> float:
    embedder.encode_queries(texts[:32])
    started = time.perf_counter()
    embedder.encode_queries(texts)
    return len(texts) / (time.perf_counter() - started)


def _mean_length(texts: list[str]) -> float:
    return sum(map(len, texts)) / len(texts)
