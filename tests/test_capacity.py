"""The page of capacity says what its figures and its arithmetic say."""

from __future__ import annotations

import json

import pytest

from benchmarks.capacity import PAGE, Measured, measured, page
from benchmarks.report import RESULTS


def test_the_page_is_of_the_figures() -> None:
    assert PAGE.read_text("utf-8") == page(measured(json.loads(RESULTS.read_text("utf-8")))), (
        "请运行 python -m benchmarks.capacity"
    )


def test_the_arithmetic() -> None:
    """By hand: 100 of two cores are 50 of one, 30 at 60 %; 10 million in 12 hours are 231.5 a second, 925.9 at the peak."""
    said = page(
        Measured(p50=20.0, p99=50.0, rate=100.0, memory=1000.0, rows=100_000, rebuild=6.0, machine="某机", date="某日")
    )

    assert "p50 20.0 ms，p99 50.0 ms" in said
    assert "100 ÷ 2 = 50 问，按 60% 用是 30 问" in said
    assert "| 10,000,000 | 925.9 | 31 | 16 | 31.0 GB |" in said
    assert "| 10,000 | 0.9 | 2 | 2 | 2.0 GB |" in said
    assert "100,000 行 × 384 维 × 4 字节 = 154 MB，是问答进程的 15%" in said
    assert "| 1,000,000 | 1.54 GB | 1.79 GB |" in said


@pytest.mark.parametrize("part", ["latency", "throughput", "memory", "rebuild"])
def test_what_was_not_measured_is_not_made_up(part: str) -> None:
    results = json.loads(RESULTS.read_text("utf-8"))
    results[part]["figures"] = []
    with pytest.raises(KeyError):
        measured(results)
