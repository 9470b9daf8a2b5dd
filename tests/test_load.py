"""The load test's own sums, and a few users for a moment through it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]


def test_what_was_seen_is_judged() -> None:
    from stress.load import Seen

    flat = Seen(seconds=[0.1] * 95 + [1.0] * 5, memory=[500.0] * 2 + [600.0] * 18)
    assert flat.figures() == {
        "questions": 100, "errors": 0, "p50_s": 0.1, "p95_s": 1.0, "p99_s": 1.0, "memory_mb": 600, "growth_mb": 0.0,
    }  # fmt: skip
    assert flat.faults() == []
    bad = Seen(seconds=[2.0], errors=["boom"], memory=[float(at * 100) for at in range(20)])
    assert [fault.split()[0] for fault in bad.faults()] == ["boom", "p95", "内存增长"]
    assert Seen().faults() == ["没有问成一次"]


@pytest.mark.model
def test_a_few_users_get_their_answers(shipped_store: Path, tmp_path: Path) -> None:
    figures = tmp_path / "load.json"
    command = [sys.executable, "-m", "stress.load", "--users", "4", "--minutes", "0.2", "--store", str(shipped_store)]
    paths = os.pathsep.join((str(_ROOT), str(_ROOT / "tests")))
    run = subprocess.run(  # noqa: S603 - our own
        [*command, "--json", str(figures)], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, check=False
    )
    report = json.loads(figures.read_text(encoding="utf-8"))
    assert report["questions"] > 0 and report["errors"] == 0, run.stdout.decode()
