from __future__ import annotations

import re

import pytest
from api_fakes import FakeAssistant, client_of

from assistant.web.api import create_app
from assistant.web.api_docs import docs_page
from assistant.web.service import Backend, Service


@pytest.fixture
def page() -> str:
    assistant = FakeAssistant()
    reply = client_of(create_app(Service(Backend(lambda: assistant)))).get("/docs")
    assert reply.headers["content-type"].startswith("text/html")
    return str(reply.text)


def test_every_call_is_told_with_its_fields(page: str) -> None:
    for path in ("ask", "search", "feedback", "suggest", "health", "version", "history/export", "history/erase"):
        assert f"<code>/api/{path}</code>" in page
    assert "<code>citations[].quote</code></td><td>文字</td><td>引文</td>" in page
    assert "<code>session</code></td><td>文字 或 空</td>" in page and "提问太快" in page


def test_examples_are_commands(page: str) -> None:
    assert (
        "<pre>curl -s 'http://127.0.0.1:7860/api/ask' -H 'Content-Type: application/json' -d '&#123;&quot;question&quot;: &quot;月付咋付不了&quot;&#125;'</pre>"
        in page
    )


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    assert "<script" not in page and re.findall(r'(?:src|href)="(?!/|data:)', page) == []


def test_what_the_description_says_is_escaped() -> None:
    schema = {
        "info": {"title": "<b>", "description": "&"},
        "paths": {"/<i>": {"get": {"summary": "<s>", "responses": {"200": {}, "404": {"description": "<u>"}}}}},
    }
    page = docs_page(schema)
    assert not any(tag in page for tag in ("<b>", "<i>", "<s>", "<u>"))
