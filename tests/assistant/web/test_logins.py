from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from account_fakes import PASSWORD
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.accounts import Accounts
from assistant.web.access import COOKIE
from assistant.web.logins import login_routes
from assistant.web.throttle import LoginThrottle


@pytest.fixture
def web(accounts: Accounts) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(login_routes(accounts, ["/staff/", "/knowledge/"]))
    with TestClient(app, base_url="https://here", follow_redirects=False) as client:
        yield client


def test_a_login_leads_to_the_page_that_asked_for_it(web: TestClient, accounts: Accounts) -> None:
    reply = web.post("/login", data={"name": "Ann", "password": PASSWORD, "next": "/knowledge/"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/knowledge/")
    assert accounts.who(web.cookies[COOKIE])
    login = next(line for line in reply.headers.get_list("set-cookie") if line.startswith(COOKIE))
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(login.split("; "))


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/api/ask", "javascript:alert(1)", ""])
def test_a_login_leads_nowhere_else(web: TestClient, wanted: str) -> None:
    assert web.get("/login", params={"next": wanted}).text.count('value="/staff/"') == 1
    reply = web.post("/login", data={"name": "ann", "password": PASSWORD, "next": wanted})
    assert reply.headers["location"] == "/staff/"


def test_name_and_password_are_refused_in_the_same_words(web: TestClient) -> None:
    wrong = [web.post("/login", data=data) for data in ({"name": "ann", "password": "no"}, {"name": "x"}, {})]
    assert {reply.status_code for reply in wrong} == {401}
    assert len({reply.text for reply in wrong}) == 1 and COOKIE not in web.cookies


def test_tries_are_limited(web: TestClient) -> None:
    codes = [web.post("/login", data={"name": "ann", "password": "no"}).status_code for _ in range(12)]
    assert codes == [401] * 8 + [429] * 4
    assert "秒后再试" in web.post("/login", data={"name": "ann", "password": PASSWORD}).text


def test_a_name_written_otherwise_is_the_same_account(accounts: Accounts) -> None:
    throttle, app = LoginThrottle(lambda: 0.0), FastAPI()
    app.include_router(login_routes(accounts, ["/staff/"], throttle))
    codes = []
    for number, name in enumerate(("ann", "ANN", "ＡＮＮ", " Ann ") * 8):
        with TestClient(app, client=(f"192.0.2.{number}", 5000)) as client:
            codes.append(client.post("/login", data={"name": name, "password": "no"}).status_code)
    assert codes == [401] * 30 + [429] * 2


def test_a_known_device_gets_in_while_its_address_is_used_up(web: TestClient, accounts: Accounts) -> None:
    web.post("/login", data={"name": "ann", "password": PASSWORD})
    device = {"cookie": f"zhida_device={web.cookies['zhida_device']}"}
    web.cookies.clear()
    for _ in range(12):
        web.post("/login", data={"name": "ann", "password": "no"})
    assert web.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 429
    assert web.post("/login", data={"name": "ann", "password": PASSWORD}, headers=device).status_code == 303


def test_another_site_cannot_log_anybody_in_or_out(web: TestClient, accounts: Accounts) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    assert web.post("/login", data={"name": "ann", "password": PASSWORD}, headers=foreign).status_code == 403
    web.post("/login", data={"name": "ann", "password": PASSWORD})
    token = web.cookies[COOKIE]
    web.post("/logout", headers=foreign)
    assert accounts.who(token)


def test_a_logout_ends_the_login_for_good(web: TestClient, accounts: Accounts) -> None:
    web.post("/login", data={"name": "ann", "password": PASSWORD})
    token = web.cookies[COOKIE]
    assert web.post("/logout").headers["location"] == "/login"
    assert accounts.who(token) is None and COOKIE not in web.cookies


def test_the_account_page_changes_the_password(web: TestClient, accounts: Accounts) -> None:
    assert web.get("/account").headers["location"] == "/login?next=/account"
    assert web.post("/account", data={"password": PASSWORD}).status_code == 401
    web.post("/login", data={"name": "ann", "password": PASSWORD})
    assert "ann（编辑）" in web.get("/account").text
    other = accounts.open_login("ann")
    fresh = {"fresh": "another one entirely", "again": "another one entirely"}
    assert "现在的密码不对" in web.post("/account", data={"password": "no", **fresh}).text
    assert "不一样" in web.post("/account", data={"password": PASSWORD, **fresh, "again": "x"}).text
    assert "密码要有" in web.post("/account", data={"password": PASSWORD, "fresh": "x", "again": "x"}).text
    assert web.post("/account", data={"password": PASSWORD, **fresh}).status_code == 303
    assert accounts.who(other) is None and accounts.who(web.cookies[COOKIE])
    assert accounts.check("ann", "another one entirely")


def test_accounts_that_cannot_be_read_are_said(web: TestClient, tmp_path: Path) -> None:
    (tmp_path / "accounts.sqlite").write_text("no database, only text that is long enough to see")
    reply = web.post("/login", data={"name": "ann", "password": PASSWORD})
    assert reply.status_code == 503 and "账号文件" in reply.text
