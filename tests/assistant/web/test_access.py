from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse

from assistant.accounts import Accounts
from assistant.web.access import COOKIE, Gate, user_of

PAGE = {"accept": "text/html"}


def client(accounts: Accounts, token: str = "") -> httpx.AsyncClient:
    inner, app = FastAPI(), FastAPI()

    @inner.api_route("/{path:path}", methods=["GET", "POST"])
    def everything(request: Request, path: str) -> PlainTextResponse:
        return PlainTextResponse(f"secret of {user_of(request).name}")

    app.mount("/edit", Gate(inner, accounts, "editor", "/edit/"))
    cookies = {COOKIE: token} if token else None
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://here", cookies=cookies)


@pytest.mark.anyio
@pytest.mark.parametrize("token", ["", "x", "\u00e9"])
async def test_nothing_comes_through_without_a_login(accounts: Accounts, token: str) -> None:
    async with client(accounts) as web:
        headers = {"cookie": f"{COOKIE}={token}".encode("latin-1")} if token else {}
        for path in ("/edit/", "/edit/config", "/edit/gradio_api/queue/data"):
            reply = await web.get(path, headers=headers)
            assert reply.status_code == 401 and "secret" not in reply.text
        assert (await web.post("/edit/gradio_api/queue/join", headers=headers)).status_code == 401


@pytest.mark.anyio
async def test_a_reader_of_pages_is_led_to_the_login_and_back(accounts: Accounts) -> None:
    async with client(accounts) as web:
        reply = await web.get("/edit/", headers=PAGE)
        assert reply.status_code == 303 and reply.headers["location"] == "/login?next=/edit/"


@pytest.mark.anyio
async def test_the_page_learns_who_is_there(accounts: Accounts) -> None:
    async with client(accounts, accounts.open_login("ann")) as web:
        assert (await web.get("/edit/x")).text == "secret of ann"


@pytest.mark.anyio
async def test_a_lower_role_is_told_so(accounts: Accounts) -> None:
    async with client(accounts, accounts.open_login("bob")) as web:
        page, data = await web.get("/edit/", headers=PAGE), await web.get("/edit/config")
        assert (page.status_code, data.status_code) == (403, 403)
        assert "没有这一页的权限" in page.text and "secret" not in page.text + data.text


@pytest.mark.anyio
async def test_a_strange_page_cannot_use_the_login(accounts: Accounts) -> None:
    async with client(accounts, accounts.open_login("ann")) as web:
        assert (await web.post("/edit/x", headers={"sec-fetch-site": "same-site"})).status_code == 403
        assert (await web.post("/edit/x", headers={"origin": "http://evil.example"})).status_code == 403
        assert (await web.post("/edit/x", headers={"origin": "http://here"})).status_code == 200


@pytest.mark.anyio
async def test_accounts_that_cannot_be_read_let_nobody_in(accounts: Accounts, tmp_path: Path) -> None:
    token = accounts.open_login("ann")
    (tmp_path / "accounts.sqlite").write_text("no database, only text that is long enough to see")
    async with client(accounts, token) as web:
        reply = await web.get("/edit/", headers=PAGE)
        assert reply.status_code == 503 and "账号文件" in reply.text and "secret" not in reply.text


def test_a_page_without_a_gate_knows_nobody() -> None:
    with pytest.raises(PermissionError):
        user_of(object())
