from collections.abc import Callable
from pathlib import Path

import pytest
from api_fakes import FakeAssistant, client_of, history_in

from assistant.web.api import create_app
from assistant.web.health import Health
from assistant.web.service import Backend, Service
from kb.errors import KbError, ModelError, StaleError


def report(probe: Callable[[], object] = str, **checks: Callable[[], str]) -> dict[str, object]:
    return Health(probe, None, checks).report()


def failing(error: KbError) -> Callable[[], str]:
    def fail() -> str:
        raise error

    return fail


def test_all_is_well() -> None:
    assert report(index=lambda: "") == {
        "status": "ok",
        "index": {"ok": True, "message": "正常"},
        "model": {"ok": True, "message": "正常"},
        "history": {"ok": True, "message": "未启用"},
    }


@pytest.mark.parametrize(
    ("error", "part"),
    [(StaleError("x", user_message="请重建索引。"), "index"), (ModelError("x", user_message="请重装模型。"), "model")],
)
def test_what_keeps_it_from_answering_is_named(error: KbError, part: str) -> None:
    found = report(failing(error))

    assert found["status"] == "down"
    assert found[part] == {"ok": False, "message": error.user_message}


@pytest.mark.parametrize("check", [lambda: "知识库有改动。", failing(StaleError("x", user_message="知识库有改动。"))])
def test_a_check_degrades(check: Callable[[], str]) -> None:
    found = report(index=check, disk=lambda: "")

    assert (found["status"], found["index"]) == ("degraded", {"ok": False, "message": "知识库有改动。"})
    assert found["disk"] == {"ok": True, "message": "正常"}


def test_what_is_down_stays_down_whatever_a_check_says() -> None:
    found = report(failing(StaleError("x", user_message="请重建索引。")), index=lambda: "知识库有改动。")

    assert (found["status"], found["index"]) == ("down", {"ok": False, "message": "请重建索引。"})


def test_asking_often_looks_once() -> None:
    looks: list[int] = []
    health = Health(lambda: looks.append(1), None, {})
    for _ in range(5):
        health.report()

    assert len(looks) == 1


def test_over_http_with_a_history(tmp_path: Path) -> None:
    assistant = FakeAssistant()
    with history_in(tmp_path) as history:
        well = client_of(create_app(Service(Backend(lambda: assistant, history)))).get("/api/health")
        assistant.fault = StaleError("x", user_message="请重建索引。")
        down = client_of(create_app(Service(Backend(lambda: assistant, history)))).get("/api/health")

    assert (well.status_code, well.json()["history"]) == (200, {"ok": True, "message": "正常"})
    assert (down.status_code, down.json()["status"]) == (503, "down")
