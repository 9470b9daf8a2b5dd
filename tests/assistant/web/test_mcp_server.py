from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_fakes import FakeAssistant
from fastapi.testclient import TestClient

from assistant.web.api import Limits, create_app
from assistant.web.api_keys import ApiKeys
from assistant.web.service import Backend, Service
from kb.errors import StoreError

ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant()


@pytest.fixture
def client(assistant: FakeAssistant) -> Iterator[TestClient]:
    with TestClient(create_app(Service(Backend(lambda: assistant))), base_url="http://127.0.0.1:7860") as opened:
        yield opened


def rpc(client: TestClient, method: str, headers: dict[str, str] | None = None, **params: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return client.post("/mcp", json=body, headers={**ACCEPT, **(headers or {})})


def call(client: TestClient, name: str, headers: dict[str, str] | None = None, **arguments: Any) -> Any:
    return rpc(client, "tools/call", headers, name=name, arguments=arguments).json()["result"]


def test_the_tools_are_told_in_chinese(client: TestClient) -> None:
    tools = {tool["name"]: tool for tool in rpc(client, "tools/list").json()["result"]["tools"]}
    assert set(tools) == {"ask", "search"} and "概率" in tools["search"]["description"]
    assert set(tools["ask"]["inputSchema"]["properties"]) == {"question", "session"}


def test_an_agent_searches(client: TestClient) -> None:
    found = call(client, "search", question="怎么开通", limit=2)["structuredContent"]
    assert [hit["entry"] for hit in found["hits"]] == ["e0", "e1"] and found["hits"][0]["text"].startswith("打开钱包")


def test_an_agent_asks_and_goes_on(client: TestClient) -> None:
    first = call(client, "ask", question="怎么开通")["structuredContent"]
    second = call(client, "ask", question="要多久", session=first["session"])["structuredContent"]
    assert second["text"] == "上一问：怎么开通" and second["session"] == first["session"]
    assert "trace" not in first and first["citations"]


@pytest.mark.parametrize("question", ["", "  ", "长" * 1001])
def test_a_question_that_is_none_is_refused_in_chinese(client: TestClient, question: str) -> None:
    result = call(client, "ask", question=question)
    assert result["isError"] and "问题不能为空" in result["content"][0]["text"]


def test_a_fault_of_ours_reaches_the_agent_in_chinese(client: TestClient, assistant: FakeAssistant) -> None:
    assistant.fault = StoreError("no index", user_message="还没有索引，请先运行 zhida build。")
    result = call(client, "search", question="怎么开通")
    assert result["isError"] and "请先运行 zhida build" in result["content"][0]["text"]


def test_another_host_name_that_points_here_is_refused(client: TestClient) -> None:
    assert rpc(client, "tools/list", {"host": "evil.example"}).status_code == 421
    assert rpc(client, "tools/list", {"origin": "http://evil.example"}).status_code == 403


def test_where_keys_are_needed_an_agent_needs_one_and_sees_its_own_conversations(
    assistant: FakeAssistant, tmp_path: Path
) -> None:
    keys = ApiKeys(tmp_path / "keys")
    first, second = ({"authorization": f"Bearer {keys.create(name)}"} for name in ("a", "b"))
    app = create_app(Service(Backend(lambda: assistant)), keys=keys)
    with TestClient(app, base_url="https://kb.example.com") as client:
        assert rpc(client, "tools/list").status_code == 401
        session = call(client, "ask", first, question="怎么开通")["structuredContent"]["session"]
        other = call(client, "ask", second, question="要多久", session=session)["structuredContent"]
        assert other["session"] != session and other["text"] == "上一问："


def test_agents_are_paced_and_their_bodies_limited(assistant: FakeAssistant) -> None:
    app = create_app(Service(Backend(lambda: assistant)), limits=Limits(rate=0.001, burst=2))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert rpc(client, "tools/list", pad="x" * 20_000).status_code == 413
        assert [rpc(client, "tools/list").status_code for _ in range(3)] == [200, 200, 429]
        assert client.get("/mcp").status_code == 405
