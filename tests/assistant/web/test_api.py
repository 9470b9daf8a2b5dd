import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest
from api_fakes import FakeAssistant, client_of, history_in
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.history import History
from assistant.records import Answer
from assistant.web.api import Limits, create_app
from assistant.web.api_keys import ApiKeys
from assistant.web.api_models import AnswerOut
from assistant.web.service import Backend, Service


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with history_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def now() -> list[float]:
    return [1_000.0]


@pytest.fixture
def app(assistant: FakeAssistant, history: History, now: list[float]) -> FastAPI:
    backend = Backend(lambda: assistant, history, lambda: "20261123T000000-abc", clock=lambda: now[0])
    return create_app(Service(backend), limits=Limits(rate=1000, burst=1000))


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return client_of(app)


def ask(client: TestClient, question: str = "怎么开通", **more: object) -> dict[str, object]:
    response = client.post("/api/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_answer_is_the_record_and_a_session(client: TestClient, assistant: FakeAssistant) -> None:
    got = ask(client, "怎么开通")

    session = got.pop("session")
    _, answer = assistant.reply(None, "怎么开通", now=0)
    assert got == json.loads(json.dumps(answer.to_json()))
    assert isinstance(session, str)
    assert len(session) >= 20


def test_documented_answer_has_the_fields_of_the_record() -> None:
    assert set(AnswerOut.model_fields) == {field.name for field in fields(Answer)} | {"session"}
    AnswerOut.model_validate({**Answer("answer", "好").to_json(), "session": "s"})


def test_a_session_continues_and_is_nobody_elses(client: TestClient) -> None:
    first = ask(client, "甲问")
    again = ask(client, "再问", session=first["session"])
    other = ask(client, "乙问")

    assert again["text"] == "上一问：甲问"
    assert again["session"] == first["session"]
    assert other["text"] == "上一问："
    assert other["session"] != first["session"]


def test_a_planted_session_id_is_not_taken_over(client: TestClient) -> None:
    assert ask(client, session="planted-by-somebody")["session"] != "planted-by-somebody"


def test_a_session_expires_after_half_an_hour(client: TestClient, now: list[float]) -> None:
    first = ask(client, "甲问")
    now[0] += 1_801
    again = ask(client, "再问", session=first["session"])

    assert again["text"] == "上一问："
    assert again["session"] != first["session"]


def test_questions_at_once_in_one_session_lose_nothing(client: TestClient, history: History) -> None:
    session = ask(client)["session"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: ask(client, f"第{i}问", session=session), range(12)))

    turns = history.recent(50)
    assert len(turns) == 13
    assert len({turn.conversation for turn in turns}) == 1
    assert {turn.version for turn in turns} == {"20261123T000000-abc"}


def test_search_shows_hits_with_their_probability(client: TestClient) -> None:
    got = client.post("/api/search", json={"question": "怎么开通", "limit": 2}).json()

    assert [hit["entry"] for hit in got["hits"]] == ["e0", "e1"]
    assert got["hits"][0]["probability"] == 0.9
    assert (got["answerable"], got["boundaries"]) == (0.9, {"refuse": 0.1})


def test_suggest(client: TestClient) -> None:
    assert client.get("/api/suggest", params={"prefix": "月付", "limit": 2}).json() == {
        "suggestions": ["月付0", "月付1"]
    }


def test_feedback_rates_the_last_or_a_numbered_turn_of_ones_own(client: TestClient, history: History) -> None:
    session = ask(client, "第一问")["session"]
    ask(client, "第二问", session=session)
    body = {"session": session, "value": -1, "reason": "打 13812345678 找我"}

    assert client.post("/api/feedback", json=body).status_code == 200
    assert client.post("/api/feedback", json={"session": session, "value": 1, "turn": 1}).json() == {
        "message": "已记录，谢谢。"
    }
    second, first = history.recent(2)
    assert (first.rating, second.rating) == (1, -1)
    assert "13812345678" not in second.reason


@pytest.mark.parametrize(("session", "turn"), [("unknown", None), (None, 2), (None, 99)])
def test_feedback_without_its_turn(client: TestClient, session: str | None, turn: int | None) -> None:
    own = ask(client)["session"]
    response = client.post("/api/feedback", json={"session": session or own, "value": 1, "turn": turn})

    assert response.status_code == 404
    assert "评价" in response.json()["message"]


def test_a_broken_history_never_costs_the_reply(tmp_path: Path, assistant: FakeAssistant) -> None:
    (tmp_path / "history.sqlite3").write_bytes(b"no database" * 100)
    with history_in(tmp_path) as history:
        client = client_of(create_app(Service(Backend(lambda: assistant, history))))
        session = ask(client)["session"]
        rated = client.post("/api/feedback", json={"session": session, "value": 1})
        health = client.get("/api/health")

    assert rated.status_code == 404
    assert health.status_code == 200
    assert health.json()["status"] == "degraded"
    assert "zhida_history_errors_total 1" in client.get("/metrics").text


def test_without_history_there_is_nothing_to_rate(assistant: FakeAssistant) -> None:
    client = client_of(create_app(Service(Backend(lambda: assistant))))
    session = ask(client)["session"]

    assert client.post("/api/feedback", json={"session": session, "value": 1}).status_code == 404


def test_too_fast_is_told_when_to_come_back_and_others_go_on(assistant: FakeAssistant) -> None:
    app = create_app(Service(Backend(lambda: assistant)), limits=Limits(rate=0.01, burst=2))
    client = client_of(app)
    statuses = [client.post("/api/ask", json={"question": "怎么开通"}).status_code for _ in range(3)]
    refused = client.get("/api/suggest", params={"prefix": "月"})

    assert statuses == [200, 200, 429]
    assert 90 <= int(refused.headers["Retry-After"]) <= 100
    assert "秒后再试" in refused.json()["message"]
    assert client.get("/api/health").status_code == 200
    assert client_of(app, "192.0.2.2").get("/metrics").text.count("zhida_rate_limited_total 2") == 1


def test_keys_open_everything_but_health_and_version(assistant: FakeAssistant, tmp_path: Path) -> None:
    keys = ApiKeys(tmp_path / "keys")
    shop, bank = keys.create("shop"), keys.create("bank")
    client = client_of(create_app(Service(Backend(lambda: assistant)), keys=keys))

    for path in ("/api/suggest?prefix=a", "/metrics"):
        refused = client.get(path)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "密钥" in refused.json()["message"]
        assert client.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert client.get(path, headers={"Authorization": f"Bearer {shop}"}).status_code == 200
        assert client.get(path, headers={"X-API-Key": shop}).status_code == 200
    assert client.get("/api/health").status_code == client.get("/api/version").status_code == 200

    client.headers["X-API-Key"] = shop
    session = ask(client, "甲问")["session"]
    client.headers["X-API-Key"] = bank
    assert ask(client, "再问", session=session)["session"] != session


def test_openapi_is_chinese_and_local(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()

    assert set(schema["paths"]) == {
        f"/api/{name}"
        for name in ("ask", "search", "feedback", "suggest", "health", "version", "history/export", "history/erase")
    }
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert any("\u4e00" <= letter <= "\u9fff" for letter in operation["summary"])


def test_version(client: TestClient) -> None:
    got = client.get("/api/version").json()

    assert got["index"] == "20261123T000000-abc"
    assert got["program"]


def test_metrics_count_routes_not_paths(client: TestClient) -> None:
    ask(client)
    ask(client, "火星")
    client.get("/api/made-up-by-a-caller")
    text = client.get("/metrics").text

    assert 'zhida_requests_total{route="/api/ask",status="200"} 2' in text
    assert 'zhida_requests_total{route="other",status="404"} 1' in text
    assert 'zhida_answers_total{decision="refuse"} 1' in text
    assert "zhida_reply_seconds_count 2" in text
    assert "made-up" not in text


@given(question=st.text(min_size=1, max_size=50), session=st.none() | st.text(max_size=80))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_an_answer_or_a_reason(
    client: TestClient, history: History, question: str, session: str | None
) -> None:
    response = client.post("/api/ask", json={"question": question, "session": session})

    assert response.status_code in (200, 422)
    assert response.json().get("text") or response.json()["message"]


@pytest.mark.parametrize("call", [lambda c: c.get("/api/version"), lambda c: c.post("/api/ask", json={})])
def test_data_is_never_cached_framed_or_sniffed(client: TestClient, call: Callable[[TestClient], object]) -> None:
    headers = call(client).headers  # type: ignore[attr-defined]

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_visitor_gets_and_erases_all_that_is_kept(client: TestClient, history: History) -> None:
    session = ask(client, "我的号码是 13812345678")["session"]
    ask(client, "还有呢", session=session)
    other = ask(client, "别人的")["session"]
    kept = client.post("/api/history/export", json={"session": session}).json()
    assert kept["visitor"] == session and [turn["question"] for turn in kept["turns"]][0] == "还有呢"
    assert "13812345678" not in json.dumps(kept)
    assert client.post("/api/history/erase", json={"session": session}).json() == {"turns": 2}
    assert client.post("/api/history/export", json={"session": session}).json()["turns"] == []
    assert ask(client, "接着", session=session)["session"] != session
    assert [turn.question for turn in history.recent()][-1] == "别人的" and other


def test_a_pseudonym_opens_nothing(client: TestClient, history: History) -> None:
    ask(client)
    pseudonym = history.recent()[0].visitor
    for path in ("export", "erase"):
        assert client.post(f"/api/history/{path}", json={"session": pseudonym}).status_code == 422
    assert history.recent()


def test_a_service_without_a_history_has_nothing_to_export(assistant: FakeAssistant) -> None:
    client = client_of(create_app(Service(Backend(lambda: assistant))))
    assert client.post("/api/history/export", json={"session": "x" * 20}).json()["turns"] == []
    assert client.post("/api/history/erase", json={"session": "x" * 20}).json() == {"turns": 0}


def test_search_gives_the_words_of_what_it_found(client: TestClient) -> None:
    hits = client.post("/api/search", json={"question": "开通"}).json()["hits"]
    assert (hits[0]["title"], hits[0]["text"]) == ("怎么开通", "打开钱包。\n1. 点月付")
    assert (hits[1]["title"], hits[1]["text"]) == ("e1", "")


def test_the_widget_is_a_script_for_any_site(client: TestClient) -> None:
    reply = client.get("/widget.js")
    assert reply.headers["content-type"].startswith("text/javascript") and "iframe" in reply.text


def test_no_script_of_another_site_may_read_an_answer(client: TestClient) -> None:
    foreign = {"Origin": "https://evil.example"}
    replies = [
        client.post("/api/ask", json={"question": "怎么开通"}, headers=foreign),
        client.options("/api/ask", headers={**foreign, "Access-Control-Request-Method": "POST"}),
    ]
    assert [reply.headers.get("access-control-allow-origin") for reply in replies] == [None, None]
    assert replies[1].status_code == 400
