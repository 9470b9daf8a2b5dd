from __future__ import annotations

from typing import TYPE_CHECKING, Any

from page_fakes import ASKED
from test_chat_page import expect

if TYPE_CHECKING:
    from conftest import Site, Visitors


def test_a_listed_site_has_the_chat_in_its_corner(site: Site, visitors: Visitors, elsewhere: int, shot: Any) -> None:
    page = visitors.open(f"http://127.0.0.1:{elsewhere}/?from={site.url}")
    assert page.locator("iframe").count() == 0
    page.get_by_role("button", name="问知答").click()
    inside = page.frame_locator("iframe")
    expect(inside.locator("#zd-chat .option").first).to_be_visible()
    asked = inside.locator("#zd-box textarea, #zd-box input")
    asked.fill(ASKED)
    asked.press("Enter")
    expect(inside.locator("#zd-chat .bot.message").last).to_contain_text("常见原因有三类")
    page.wait_for_timeout(300)
    shot(page, "widget-desktop")
    page.get_by_role("button", name="关闭").press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="问知答").press("Enter")
    expect(inside.locator("#zd-chat .bot.message").last).to_contain_text("常见原因有三类")
    assert [text for text in visitors.complaints if "autofocus" not in text] == []


def test_the_widget_fills_a_phone(site: Site, visitors: Visitors, elsewhere: int) -> None:
    page = visitors.open(f"http://127.0.0.1:{elsewhere}/?from={site.url}", viewport={"width": 360, "height": 740})
    page.get_by_role("button", name="问知答").click()
    expect(page.frame_locator("iframe").locator("#zd-chat .option").first).to_be_visible()
    frame = page.locator("iframe").bounding_box()
    assert frame is not None and frame["width"] == 360


def test_a_site_that_is_not_listed_shows_nothing(site: Site, visitors: Visitors, elsewhere: int) -> None:
    page = visitors.open(f"http://localhost:{elsewhere}/?from={site.url}")
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.get_by_role("button", name="问知答").click()
    assert page.frame_locator("iframe").locator("#zd-chat").count() == 0
