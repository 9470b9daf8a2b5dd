from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from page_fakes import ASKED, QUOTE

if TYPE_CHECKING:
    from conftest import Site, Visitors
    from playwright.sync_api import Page

LATIN_ALLOWED = re.compile(r"App|LoRA|ID")


def box(page: Page) -> Any:
    return page.locator("#zd-box textarea, #zd-box input")


def say(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def replies(page: Page) -> Any:
    return page.locator("#zd-chat .bot.message")


def expect(locator: Any) -> Any:
    from playwright.sync_api import expect as wait_for

    wait_for.set_options(timeout=20_000)
    return wait_for(locator)


def greeted(page: Page) -> Page:
    expect(replies(page).first).to_contain_text("知答")
    expect(page.locator("#zd-chat .option").first).to_be_visible()
    return page


def test_a_question_is_answered_and_survives_a_reload(site: Site, visitors: Visitors, shot: Any) -> None:
    page = greeted(visitors.open(site.url))
    say(page, ASKED)
    expect(replies(page).last).to_contain_text("常见原因有三类")
    expect(box(page)).to_have_value("")
    page.wait_for_timeout(300)
    shot(page, "chat-desktop")
    page.reload()
    expect(replies(page).last).to_contain_text("常见原因有三类")
    assert visitors.complaints == []


def test_a_second_visitor_sees_nothing_of_the_first(site: Site, visitors: Visitors) -> None:
    first = greeted(visitors.open(site.url))
    say(first, ASKED)
    expect(replies(first).last).to_contain_text("常见原因")
    second = greeted(visitors.open(site.url))
    assert "常见原因" not in second.locator("#zd-chat").inner_text()
    say(second, "那要多久")
    expect(replies(second).last).to_contain_text("当天")
    assert len({visitor for visitor, _ in site.history()["turns"][-2:]}) == 2


MARKUP = (
    "<script>window.hacked = true</script>",
    '<img src=x onerror="window.hacked = true">',
    "[点我](javascript:window.hacked=true)",
    "![x](https://example.com/x.png) <svg onload=window.hacked=true> {{value}} ${window.hacked=true}",
    "<details open ontoggle=window.hacked=true><iframe srcdoc='<script>top.hacked=true</script>'>",
)


def test_markup_in_a_question_is_shown_and_not_run(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    for number, payload in enumerate(MARKUP, 2):
        say(page, payload)
        expect(replies(page)).to_have_count(number)
        assert page.locator("#zd-chat .user.message").last.inner_text().strip() == payload
        assert page.locator("#zd-chat").locator("script, img, svg[onload], iframe, a[href^=javascript]").count() == 0
    page.reload()
    expect(replies(page)).to_have_count(len(MARKUP) + 1)
    assert page.evaluate("window.hacked") is None


def test_a_tampered_browser_store_starts_a_new_visit(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    say(page, ASKED)
    expect(replies(page).last).to_contain_text("常见原因")
    page.evaluate("localStorage.setItem('zhida-visit', 'nonsense')")
    page.reload()
    greeted(page)
    assert replies(page).count() == 1


def test_an_option_of_a_clarifying_question_is_asked_when_pressed(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    say(page, "不能用")
    expect(replies(page).last).to_contain_text("哪一种")
    page.get_by_role("button", name="点了付不出去").click()
    expect(replies(page).last).to_contain_text("常见原因有三类")


def test_an_example_is_asked_when_pressed_and_followups_follow(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    page.get_by_role("button", name=ASKED).click()
    expect(page.get_by_role("button", name="怎么申诉")).to_be_visible()


def test_a_source_opens_at_the_cited_passage(site: Site, visitors: Visitors, shot: Any) -> None:
    page = greeted(visitors.open(site.url))
    say(page, ASKED)
    page.get_by_role("button", name=re.compile(r"^\[1\]")).click()
    mark = page.locator("#zd-panel mark")
    expect(mark).to_have_text(QUOTE)
    expect(mark).to_be_in_viewport()
    assert "facts:" not in page.locator("#zd-panel").inner_text()
    assert page.locator("#zd-panel img").count() == 0
    shot(page, "source-desktop")
    page.keyboard.press("Escape")
    expect(page.locator("#zd-panel .zd-source")).to_have_count(0)
    assert page.evaluate("window.hacked") is None


def test_details_unfold(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    say(page, ASKED)
    detail = page.get_by_text("多半是店没接")
    expect(detail).to_be_hidden()
    page.locator(".zd-more summary").click()
    expect(detail).to_be_visible()


def test_an_understanding_can_be_undone(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    say(page, "那要多久")
    expect(page.locator(".zd-understood")).to_contain_text("按「申诉要多久」理解")
    page.get_by_role("button", name="不是这个意思").click()
    expect(box(page)).to_have_value("那要多久")
    expect(page.locator(".zd-understood")).to_have_count(0)


def test_a_handover_can_be_copied(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url, permissions=["clipboard-read", "clipboard-write"]))
    say(page, ASKED)
    expect(replies(page).last).to_contain_text("常见原因")
    say(page, "转人工")
    page.get_by_role("button", name="复制摘要").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert ASKED in copied and "转人工" in copied


def test_a_bad_rating_asks_for_the_reason(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    say(page, ASKED)
    expect(replies(page).last).to_contain_text("常见原因")
    page.get_by_role("button", name="没帮助").last.click()
    page.get_by_label("答非所问").check()
    page.get_by_role("button", name="提交反馈").click()
    expect(page.get_by_text("您的反馈会交给编辑")).to_be_visible()
    kept = site.history()
    assert [rating[1:3] for rating in kept["ratings"][-2:]] == [[-1, ""], [-1, "答非所问"]]
    turn, _, _, visitor = kept["ratings"][-1]
    assert visitor == kept["turns"][turn - 1][0]
    page.reload()
    expect(page.get_by_role("button", name="已标为没帮助")).to_be_visible()


def test_clearing_forgets_the_conversation(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    say(page, ASKED)
    expect(replies(page)).to_have_count(2)
    page.get_by_role("button", name="清空对话").click()
    expect(replies(page)).to_have_count(1)
    page.reload()
    greeted(page)
    expect(replies(page)).to_have_count(1)


def test_a_visitor_takes_the_records_along_and_deletes_them(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    say(page, "只有我问过的话")
    expect(replies(page).last).to_contain_text("没有找到")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出我的记录").click()
    assert "只有我问过的话" in download.value.path().read_text(encoding="utf-8")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="删除我的记录").click()
    expect(page.locator("#zd-notice")).to_contain_text("已经全部删除")
    expect(replies(page)).to_have_count(1)
    assert "只有我问过的话" not in [question for _, question in site.history()["turns"]]


def test_suggestions_are_reached_with_the_arrow_keys(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    box(page).press_sequentially("为什么", delay=30)
    expect(page.locator(".zd-hint")).to_have_count(2)
    box(page).press("ArrowDown")
    page.keyboard.press("Enter")
    expect(replies(page).last).to_contain_text("常见原因有三类")
    expect(page.locator(".zd-hint")).to_have_count(0)


def test_enter_that_ends_a_composition_does_not_send(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    box(page).fill("月付")
    box(page).evaluate(
        """node => { for (const kind of ["keydown", "keypress"]) node.dispatchEvent(
            new KeyboardEvent(kind, {key: "Enter", keyCode: 229, isComposing: true, bubbles: true})) }"""
    )
    page.wait_for_timeout(500)
    expect(replies(page)).to_have_count(1)
    expect(box(page)).to_have_value("月付")


def test_a_pasted_picture_is_refused_in_words(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    box(page).evaluate(
        """node => { const data = new DataTransfer(); data.items.add(new File(["x"], "a.png", {type: "image/png"}));
            node.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) }"""
    )
    expect(replies(page).last).to_contain_text("看不了图片")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_sideways_scrolling(
    site: Site, visitors: Visitors, shot: Any, scheme: str
) -> None:
    page = greeted(visitors.open(site.url, viewport={"width": 360, "height": 740}, color_scheme=scheme))
    shot(page, f"phone-{scheme}-greeting")
    say(page, ASKED)
    expect(replies(page).last).to_contain_text("常见原因")
    page.wait_for_timeout(400)
    shot(page, f"phone-{scheme}-answer")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.get_by_role("button", name="发送")).to_be_in_viewport()
    page.get_by_role("button", name=re.compile(r"^\[1\]")).click()
    expect(page.locator("#zd-panel mark")).to_be_in_viewport()
    page.wait_for_timeout(200)
    shot(page, f"phone-{scheme}-source")


def test_no_english_is_left_on_the_page(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url))
    say(page, ASKED)
    expect(replies(page).last).to_contain_text("常见原因")
    page.get_by_role("button", name="没帮助").last.click()
    expect(page.get_by_role("button", name="提交反馈")).to_be_visible()
    texts = page.evaluate(
        """() => [document.body.innerText, document.title, document.documentElement.lang === "zh-CN" ? "" : "lang",
            ...[...document.querySelectorAll("*")].flatMap(node =>
                ["aria-label", "title", "placeholder", "alt"].map(name => node.getAttribute(name) || ""))]"""
    )
    left = {word for text in texts for word in re.findall(r"[A-Za-z]{2,}", LATIN_ALLOWED.sub("", text))}
    assert left == set()


def test_a_missing_index_is_said_in_chinese(site: Site, visitors: Visitors) -> None:
    with site.broken():
        page = visitors.open(site.url)
        expect(page.locator("#zd-notice")).to_have_text("暂时答不了，请稍后再来，或者联系客服。")
        say(page, ASKED)
        page.wait_for_timeout(500)
        expect(box(page)).to_have_value(ASKED)


def test_doors_that_gradio_leaves_open_are_closed(site: Site, visitors: Visitors) -> None:
    request = visitors.context().request
    for path in (
        "upload",
        "file=/etc/passwd",
        "file/etc/passwd",
        "proxy=https://example.com/x",
        "deep_link",
        "profiling/traces",
    ):
        method = "POST" if path == "upload" else "GET"
        assert request.fetch(f"{site.url}/gradio_api/{path}", method=method).status == 404
    assert json.loads(request.get(f"{site.url}/gradio_api/info").text())["named_endpoints"].keys() == {"/ask"}


def test_another_site_reads_nothing_and_nobody_sends_too_much(site: Site) -> None:
    foreign = {"Host": "help.example.com", "Origin": "https://evil.example"}
    for path in ("/", "/config", "/login", "/api/version"):
        reply = httpx.get(site.url + path, headers=foreign)
        assert "access-control-allow-origin" not in reply.headers
    for path in ("/gradio_api/queue/join", "/gradio_api/call/ask", "/login", "/staff/gradio_api/queue/join"):
        assert httpx.post(site.url + path, content=b"x" * 3_000_000).status_code == 413


def test_a_long_answer_is_read_from_its_beginning(site: Site, visitors: Visitors) -> None:
    page = greeted(visitors.open(site.url, viewport={"width": 360, "height": 560}))
    say(page, ASKED)
    expect(replies(page).last).to_contain_text("常见原因")
    expect(page.locator("#zd-chat .user.message").last).to_be_in_viewport()
    expect(page.locator("#zd-chat .option").last).not_to_be_in_viewport()


def test_more_people_than_can_wait_are_told_so_and_lose_nothing(site: Site, visitors: Visitors, shot: Any) -> None:
    page = greeted(visitors.open(site.url))
    config = page.evaluate("window.gradio_config")
    ask = next(call["id"] for call in config["dependencies"] if len(call["targets"]) == 2 and len(call["outputs"]) == 7)
    body = {"data": [None, "排队"], "fn_index": ask}
    with site.held():
        codes = [
            page.request.post(
                f"{site.url}/gradio_api/queue/join", data={**body, "session_hash": f"crowd{number}"}
            ).status
            for number in range(75)
        ]
        assert codes[0] == 200 and codes[-1] == 503
        page.clock.install()
        say(page, ASKED)
        expect(page.get_by_role("alert")).to_contain_text("正在为您排队")
        shot(page, "overload")
        for _ in range(5):
            page.clock.fast_forward(2_600)  # the page tries again after as long as this
            page.wait_for_timeout(200)
        expect(page.get_by_text("现在提问的人太多")).to_be_visible()
        expect(box(page)).to_have_value(ASKED)
        expect(replies(page).first).to_be_visible()


def test_who_looks_for_the_upload_is_told_what_to_do_instead(site: Site, visitors: Visitors, shot: Any) -> None:
    page = greeted(visitors.open(site.url, viewport={"width": 360, "height": 560}))
    say(page, ASKED)
    expect(replies(page).last).to_contain_text("常见原因")
    page.get_by_role("button", name="图片").click()
    expect(replies(page).last).to_contain_text("看不了图片")
    expect(page.get_by_text("看不了图片")).to_be_in_viewport(ratio=1)
    expect(box(page)).to_be_focused()
    shot(page, "phone-picture")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
