from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from test_chat_page import expect

if TYPE_CHECKING:
    from conftest import Site, Visitors

PASSWORD = "editor-password.txt"


def log_in(page: Any, site: Site) -> None:
    name, password = (site.store / PASSWORD).read_text().split()
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


@pytest.mark.parametrize(
    "path", ["", "/", "/config", "/theme.css", "/gradio_api/info", "/gradio_api/queue/data", "/assets/index.js", "/x"]
)
def test_nothing_of_it_answers_without_login(site: Site, visitors: Visitors, path: str) -> None:
    request = visitors.context().request
    reply = request.get(f"{site.url}/staff{path}", max_redirects=0, headers={"accept": "*/*"})
    assert reply.status in (307, 401) and "检索" not in reply.text()
    assert request.post(f"{site.url}/staff/gradio_api/queue/join", data={}).status == 401


def test_staff_log_in_and_search(site: Site, visitors: Visitors, shot: Any) -> None:
    page = visitors.open(f"{site.url}/staff/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("用户名").fill("editor")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
    shot(page, "staff-login")
    log_in(page, site)
    expect(page.get_by_role("link", name="editor")).to_be_visible()
    page.get_by_label("客户的问题").fill("<b>月付</b> 不支持")
    page.keyboard.press("Enter")
    table = page.locator(".zd-table")
    expect(table).to_contain_text("93.0%")
    expect(table).to_contain_text("+ 与最像的问法意思接近")
    expect(table).to_contain_text("− 肯定或否定不一致")
    expect(page.locator(".zd-masses")).to_contain_text("应拒答 2%（其他产品）")
    assert page.locator("#zd-findings b, #zd-findings img").count() == 0
    page.get_by_role("button", name="复制礼貌版").first.click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert "换一种付款方式" in page.evaluate("navigator.clipboard.readText()")
    shot(page, "staff-desktop")
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_timeout(200)
    shot(page, "staff-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("用户名")).to_be_visible()
    page.goto(f"{site.url}/staff/")
    expect(page.get_by_label("用户名")).to_be_visible()


def test_a_login_that_ends_while_the_page_is_open_is_said(site: Site, visitors: Visitors) -> None:
    page = visitors.open(f"{site.url}/staff/")
    log_in(page, site)
    expect(page.get_by_label("客户的问题")).to_be_visible()
    page.context.clear_cookies(name="zhida_login")
    page.get_by_label("客户的问题").fill("月付")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="登录已结束")).to_be_visible()
    expect(page.get_by_label("客户的问题")).to_have_value("月付")


def test_the_account_page_on_a_phone(site: Site, visitors: Visitors, shot: Any) -> None:
    page = visitors.open(f"{site.url}/account", viewport={"width": 360, "height": 740}, color_scheme="dark")
    log_in(page, site)
    expect(page.get_by_role("button", name="修改密码")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shot(page, "account-phone-dark")
