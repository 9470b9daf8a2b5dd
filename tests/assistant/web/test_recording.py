"""Chat and interface leave the same behind: a turn, a count, a line of the log."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from api_fakes import FakeAssistant, history_in

from assistant.history import HistoryError
from assistant.records import Answer
from assistant.web.ports import Desk
from assistant.web.prometheus import Metrics
from assistant.web.recording import Recording
from assistant.web.service import Backend, Service
from assistant.web.talk import Talk
from assistant.web.visit import new_visit


class Down:
    def record_turn(self, *_: Any, **__: Any) -> int:
        raise HistoryError("down")


def figures(metrics: Metrics) -> str:
    return metrics.render(sessions=0, info={})


def test_a_history_that_fails_is_counted_and_costs_nothing() -> None:
    metrics, answer = Metrics(), Answer("answer", "好")
    broken, none = (Recording(history, lambda: "v", metrics) for history in (Down(), None))  # type: ignore[arg-type]
    assert [recording.record("v", "c", "问", answer, at=0.0, seconds=1.0) for recording in (broken, none)] == [None] * 2
    assert "zhida_history_errors_total 1" in figures(metrics)


def test_the_chat_and_the_interface_leave_the_same_behind(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "assistant.web.recording")
    metrics, assistant = Metrics(), FakeAssistant()
    with history_in(tmp_path) as history:
        Service(Backend(lambda: assistant, history, lambda: "v1"), metrics=metrics).ask("怎么开通", None, "")
        desk = Desk(lambda: assistant, tmp_path, history, lambda: "v1", metrics=metrics)  # type: ignore[arg-type,return-value]
        Talk(desk).ask(new_visit(), "怎么开通", "")
        kept = history.recent()
    assert [(turn.question, turn.decision, turn.version, turn.id) for turn in kept] == [
        ("怎么开通", "answer", "v1", number) for number in (2, 1)
    ]
    assert 'zhida_answers_total{decision="answer"} 2' in figures(metrics)
    one, other = ({**vars(line), "ms": 0} for line in caplog.records if line.name == "assistant.web.recording")
    assert (one["turn"], other["turn"]) == (1, 2) and "怎么开通" not in str(one)
    assert [(line["decision"], line["entries"], line["confidence"]) for line in (one, other)] == [
        ("answer", ["yf-open"], 0.93)
    ] * 2
