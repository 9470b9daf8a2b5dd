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
    alone, both = OnnxEmbedder(folder, threads=1), OnnxEmbedder(folder, threads=2)
    texts = sample_questions(settings.corpus, _QUICK_TEXTS if settings.quick else _TEXTS)
    rate = _bulk(both, texts)
    return [
        *_one_question(alone, _QUICK_RUNS if settings.quick else _RUNS, "单线程"),
        *_one_question(both, _QUICK_RUNS if settings.quick else _RUNS, "2 线程"),
        Figure("批量编码", rate, "条/s", f"2 核，{len(texts)} 个问题，平均 {_mean_length(texts):.0f} 字"),
    ]


def _one_question(embedder: OnnxEmbedder, runs: int, how: str) -> list[Figure]:
    seconds = []
    for number in range(runs + 10):
        started = time.perf_counter()
        embedder.encode_queries([_QUESTION])
        if number >= 10:
            seconds.append(time.perf_counter() - started)
    p50, p95 = np.percentile(seconds, [50, 95])
    return [
        Figure(f"编码一个短问题，{how} p50", float(p50) * _MS, "ms", f"{runs} 次"),
        Figure(f"编码一个短问题，{how} p95", float(p95) * _MS, "ms"),
    ]


def _bulk(embedder: OnnxEmbedder, texts: list[str]) -> float:
    embedder.encode_queries(texts[:32])
    started = time.perf_counter()
    embedder.encode_queries(texts)
    return len(texts) / (time.perf_counter() - started)


def _mean_length(texts: list[str]) -> float:
    return sum(map(len, texts)) / len(texts)
