from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest
from test_chat_page import expect

if TYPE_CHECKING:
    from conftest import Site, Visitors

CODE = "staff-code.txt"


def test_the_code_lies_in_a_file_for_its_owner_only(site: Site) -> None:
    path = site.store / CODE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text().strip()) >= 16


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
    page.get_by_label("访问码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("访问码不对")
    shot(page, "staff-login")
    page.get_by_label("访问码").fill((site.store / CODE).read_text().strip())
    page.get_by_role("button", name="登录").click()
    page.get_by_label("客户的问题").fill("<b>月付</b> 不支持")
    page.keyboard.press("Enter")
    table = page.locator(".zd-table")
    expect(table).to_contain_text("93.0%")
    expect(table).to_contain_text("+ 与最像的问法意思接近")
    expect(table).to_contain_text("− 肯定或否定不一致")
    expect(page.locator(".zd-masses")).to_contain_text("应拒答 2%（其他产品）")
    assert page.locator("#zd-findings b, #zd-findings img").count() == 0
    page.get_by_role("button", name="复制答案").first.click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert "换一种付款方式" in page.evaluate("navigator.clipboard.readText()")
    shot(page, "staff-desktop")
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_timeout(200)
    shot(page, "staff-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_text("退出登录").click()
    expect(page.get_by_label("访问码")).to_be_visible()
