"""A corpus of attacks through everything that a person or a document can bring, in a real browser: none runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import hostile_site
from payloads import PAYLOADS
from test_chat_page import expect, greeted, replies, say
from test_staff_page import log_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Site, Visitors

# What a payload would have to make to do anything at all.
_MADE = (
    "script, iframe, object, embed, base, meta, link, [onerror], [onload], [onfocus], [ontoggle], a[href^='javascript']"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from hostile_site(tmp_path_factory.mktemp("hostile"))


def unharmed(page: Any, *places: str) -> None:
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    for place in places:
        assert page.locator(place).locator(_MADE).count() == 0


def test_nothing_that_is_asked_runs(site: Site, visitors: Visitors) -> None:
    """All payloads in turn in one conversation, as typed, repeated by the reply, and again after a reload."""
    page = greeted(visitors.open(site.url))
    for start in range(0, len(PAYLOADS), 6):
        part = " ".join(PAYLOADS[start : start + 6])
        said = replies(page).count()
        say(page, part)
        expect(replies(page)).to_have_count(said + 1)
    unharmed(page, "#zd-chat", "#zd-notice")
    page.reload()
    expect(replies(page).last).to_contain_text("没有找到")
    unharmed(page, "#zd-chat")


def test_nothing_in_a_remark_runs_or_is_lost(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    say(page, "随便问问")
    expect(replies(page).last).to_contain_text("没有找到")
    page.get_by_role("button", name="没帮助").last.click()
    remark = " ".join(PAYLOADS[:8])[:300]
    page.get_by_label("补充说明").fill(remark)
    page.get_by_role("button", name="提交反馈").click()
    expect(page.get_by_text("您的反馈会交给编辑")).to_be_visible()
    unharmed(page, "#zd-chat")
    assert site.history()["ratings"][-1][2] == remark.strip()


def test_nothing_in_the_knowledge_runs(hostile: Site, visitors: Visitors) -> None:
    """Entries whose every cell is a payload, an article made of them: greeting, answer, options, details, source."""
    page = visitors.open(hostile.url)
    expect(page.locator("#zd-chat .option").first).to_be_visible()
    say(page, "全部")
    expect(replies(page)).to_have_count(2)
    page.locator(".zd-more summary").first.click()
    for number in range(2):
        page.locator(".zd-cite").nth(number).click()
        expect(page.locator("#zd-panel .zd-source")).to_be_visible()
        unharmed(page, "#zd-chat", "#zd-panel")
    page.locator("#zd-chat .option").first.click()
    expect(replies(page)).to_have_count(3)
    page.locator("#zd-box textarea, #zd-box input").press_sequentially("全", delay=20)
    expect(page.locator(".zd-hint").first).to_be_visible()
    unharmed(page, "#zd-chat", "#zd-hints")


def test_nothing_in_the_staffs_search_runs(hostile: Site, visitors: Visitors) -> None:
    page = visitors.open(f"{hostile.url}/staff/")
    log_in(page, hostile)
    page.get_by_label("客户的问题").fill("<img src=x onerror=window.hacked=1>")
    page.keyboard.press("Enter")
    expect(page.locator(".zd-table")).to_be_visible()
    unharmed(page, "#zd-findings")


@pytest.mark.parametrize("path", ["login?next=", "account?x=", "docs?x=", "api/suggest?prefix=", "%3Cscript%3E?x="])
def test_nothing_in_an_address_runs(site: Site, visitors: Visitors, path: str) -> None:
    page = visitors.open(f"{site.url}/{path}%22%3E%3Cscript%3Ewindow.hacked=1%3C/script%3E")
    unharmed(page)
