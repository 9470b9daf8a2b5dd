import io
import json
import logging
from collections.abc import Iterator

import pytest
from api_fakes import FakeAssistant, client_of

from assistant.web.api import create_app
from assistant.web.logs import LOGGERS, configure_logs
from assistant.web.service import Backend, Service

PHONE = "13812345678"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    before = {name: (logging.getLogger(name).handlers, logging.getLogger(name).propagate) for name in LOGGERS}
    stream = io.StringIO()
    configure_logs(stream=stream)
    yield stream
    for name, (handlers, propagate) in before.items():
        logging.getLogger(name).handlers, logging.getLogger(name).propagate = handlers, propagate
        logging.getLogger(name).setLevel(logging.NOTSET)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_object_a_line_with_the_extra_fields(stream: io.StringIO) -> None:
    logging.getLogger("assistant.x").info("第%d行\n换行", 1, extra={"ms": 7.5, "entries": ["a"], "none": None})

    (line,) = lines(stream)
    assert (line["level"], line["logger"], line["event"]) == ("info", "assistant.x", "第1行\n换行")
    assert (line["ms"], line["entries"], line["none"]) == (7.5, ["a"], None)
    assert str(line["time"]).endswith("+00:00")


def test_personal_numbers_are_masked_wherever_they_are(stream: io.StringIO) -> None:
    log = logging.getLogger("kb.x")
    log.warning("call %s", PHONE, extra={"reason": PHONE, "deep": {"list": [PHONE]}, "thing": ValueError(PHONE)})
    try:
        raise ValueError(PHONE)
    except ValueError:
        log.exception("failed")

    assert PHONE not in stream.getvalue()
    assert "Traceback" in str(lines(stream)[1]["exception"])


def test_configuring_twice_writes_once(stream: io.StringIO) -> None:
    configure_logs(stream=stream)
    logging.getLogger("assistant").info("once")

    assert len(lines(stream)) == 1


def test_a_request_is_logged_without_the_question(stream: io.StringIO) -> None:
    assistant = FakeAssistant()
    client = client_of(create_app(Service(Backend(lambda: assistant))))
    client.post("/api/ask", json={"question": "谁也不该看到的问题"})
    client.get("/api/suggest", params={"prefix": "谁也"})
    assistant.fault = RuntimeError(PHONE)
    client.post("/api/ask", json={"question": "谁也不该看到的问题"})

    found = lines(stream)
    assert [line["event"] for line in found if line["event"] == "reply"] == ["reply"]
    assert [line["status"] for line in found if line["event"] == "request"] == [200, 200, 500]
    assert {line["route"] for line in found if line["event"] == "request"} == {"/api/ask", "/api/suggest"}
    written = json.dumps(found, ensure_ascii=False)
    assert "谁也" not in written
    assert PHONE not in written
