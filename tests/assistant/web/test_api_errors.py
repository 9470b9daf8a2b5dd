import json

import pytest
from api_fakes import FakeAssistant, client_of
from fastapi.testclient import TestClient

from assistant.web.api import create_app
from assistant.web.service import Backend, Service
from assistant.web.visit import LONGEST_QUESTION
from kb.errors import StoreError, UsageError


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant()


@pytest.fixture
def client(assistant: FakeAssistant) -> TestClient:
    return client_of(create_app(Service(Backend(lambda: assistant))))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{}", "缺少 question。"),
        ('{"question": ""}', "question 不能为空。"),
        ('{"question": 7}', "question 应为文字。"),
        ('{"question": null}', "question 应为文字。"),
        (json.dumps({"question": "长" * (LONGEST_QUESTION + 1)}), f"question 最多 {LONGEST_QUESTION} 个字。"),
        ('{"question": "\\ud800"}', "question 含有无法识别的字符。"),
        ("{", "请求体不是合法的 JSON。"),
        ("[]", "请求体应为 JSON 对象"),
        ("", "请求体应为 JSON 对象"),
    ],
)
def test_invalid_questions_are_explained_in_chinese(client: TestClient, body: str, message: str) -> None:
    response = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 422
    assert response.json()["error"] == "invalid"
    assert message in response.json()["message"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"session": "s", "value": 0}, "value 不是允许的值。"),
        ({"session": "s", "value": 1, "turn": 0}, "turn 不能小于 1。"),
        ({"session": "s", "value": 1, "turn": 10**9}, "turn 不能大于 1000000。"),
        ({"session": "s", "value": 1, "turn": "x"}, "turn 应为整数。"),
        ({"value": 1}, "缺少 session。"),
    ],
)
def test_invalid_feedback_is_explained(client: TestClient, body: dict[str, object], message: str) -> None:
    assert message in client.post("/api/feedback", json=body).json()["message"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/ask", 405), ("GET", "/api/nothing", 404)])
def test_wrong_addresses_are_explained(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)

    assert response.status_code == status
    assert "/docs" in response.json()["message"]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[" * 10_000, b'{"question": ' + b"9" * 5_000 + b"}"])
def test_unreadable_bodies_are_no_fault_of_ours(client: TestClient, body: bytes) -> None:
    response = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code in (400, 422)
    assert response.json()["message"]


def test_a_form_of_another_site_is_not_taken_for_a_question(client: TestClient) -> None:
    response = client.post("/api/ask", content='{"question": "怎么开通"}', headers={"Content-Type": "text/plain"})

    assert response.status_code == 422


def test_known_errors_carry_their_chinese_message(client: TestClient, assistant: FakeAssistant) -> None:
    assistant.fault = StoreError("no index", user_message="还没有索引，请先运行 zhida build。")
    response = client.post("/api/ask", json={"question": "怎么开通"})
    assert (response.status_code, response.json()["message"]) == (503, "还没有索引，请先运行 zhida build。")

    assistant.fault = UsageError("bad", user_message="这样不行。")
    response = client.post("/api/search", json={"question": "怎么开通"})
    assert (response.status_code, response.json()["message"]) == (400, "这样不行。")


def test_unknown_errors_tell_nothing(client: TestClient, assistant: FakeAssistant) -> None:
    assistant.fault = RuntimeError("secret detail")
    response = client.post("/api/ask", json={"question": "怎么开通"})

    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.json()["message"].startswith("程序出错了")
