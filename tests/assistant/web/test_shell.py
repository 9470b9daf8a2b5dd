from __future__ import annotations

from pathlib import Path

import gradio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.web.api_errors import install_error_handlers
from assistant.web.shell import Shell, localised

INDEX = Path(gradio.__file__).parent / "templates" / "frontend" / "index.html"


def test_gradios_own_page_becomes_chinese_and_names_no_other_site() -> None:
    page = localised(INDEX.read_text(encoding="utf-8"))
    assert '<html\n\tlang="zh-CN"' in page
    assert page.index('get: () => "zh-CN"') < page.index("gradio_config")
    assert "__LABELS__" not in page and "githubusercontent" not in page and "gradio.app" not in page


@pytest.fixture
def web() -> TestClient:
    """The interface's words for faults, and behind them a page that knows one address."""
    page, app = FastAPI(), FastAPI()

    @page.get("/known")
    def known() -> str:
        return "好"

    install_error_handlers(app)
    app.mount("/", Shell(page, {"", "/"}))
    return TestClient(app)


def test_who_opens_an_address_that_is_none_is_led_back_in_chinese(web: TestClient) -> None:
    lost = web.get("/nothing", headers={"accept": "text/html,*/*"})
    assert lost.status_code == 404 and "没有这一页" in lost.text and 'href="/"' in lost.text
    assert web.get("/known", headers={"accept": "text/html"}).json() == "好"
    assert web.get("/nothing").json() == {"detail": "Not Found"}


def test_a_program_that_asks_for_a_route_that_is_none_is_told_in_our_words(web: TestClient) -> None:
    reply = web.get("/api/nothing")
    assert reply.status_code == 404 and reply.json()["message"] == "没有这个接口，请查看 /docs。"


@pytest.mark.parametrize("path", ["/gradio_api/reset", "/gradio_api/upload", "/gradio_api/file=/etc/passwd"])
def test_doors_that_nobody_uses_are_closed(web: TestClient, path: str) -> None:
    assert web.post(path).json() == {"error": "没有这个地址"}
