from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from assistant.cli import console


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock on which half a minute goes by between two looks."""

    def ticks() -> Iterator[float]:
        now = 0.0
        while True:
            yield now
            now += 30.0

    clock = ticks()
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> str:
    stream = io.StringIO()
    monkeypatch.setattr(console, "err", Console(file=stream, force_terminal=terminal, width=80, markup=False))
    with console.progress() as report:
        for step in range(1, 6):
            report("训练语义模型", step / 10)
    return stream.getvalue()


def test_a_log_gets_a_line_a_minute(minutes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in shown(monkeypatch, terminal=False).splitlines() if "分钟" in line]

    assert lines == ["训练语义模型 20%，已 1 分钟", "训练语义模型 40%，已 2 分钟"]


def test_a_terminal_gets_the_bar_alone(minutes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "分钟" not in shown(monkeypatch, terminal=True)
