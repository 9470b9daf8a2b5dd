"""The loop as staff would go it: a miss is clustered, adopted, proven, published, answered, and taken back again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from conftest import Site, running
from test_chat_page import box, expect, replies
from test_staff_page import log_in

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Visitors
    from playwright.sync_api import Browser

MISS = "月付为什么不能解冻呢"
ANSWER = "还清欠款以后才能解冻，以页面为准。"
SIZES = {"desktop": (1440, 950), "tablet": (820, 1180)}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from pathlib import Path

    folder = tmp_path_factory.mktemp("office")
    with running(str(Path(__file__).parent / "office_process.py"), str(folder)) as url:
        yield Site(url, folder / "store")


@pytest.fixture(scope="module")
def login(office: Site, chromium: Browser) -> Any:
    """What the browser of an editor who is logged in remembers."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{office.url}/login?next=/staff/")
    log_in(page, office)
    expect(page.locator("#zd-query")).to_be_visible()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def desk(office: Site, visitors: Visitors, login: Any) -> Any:
    """An editor who is logged in, with no page open yet."""
    return visitors.context(viewport={"width": 1440, "height": 950}, storage_state=login).new_page()


def knowledge(office: Site, page: Any) -> Any:
    page.goto(f"{office.url}/knowledge/")
    expect(page.locator("#zd-list .zd-table")).to_be_visible()
    return page


def customer(office: Site, question: str, **more: object) -> str:
    with urlopen(f"{office.url}/test/ask?{urlencode({'q': question, **more})}", timeout=20) as reply:  # noqa: S310 - ours
        return str(reply.read().decode()).strip('"')


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_a_miss_becomes_an_answer_and_is_taken_back(office: Site, visitors: Visitors, desk: Any, shot: Any) -> None:
    chat = visitors.open(office.url)
    box(chat).fill(MISS)
    box(chat).press("Enter")
    expect(replies(chat)).to_have_count(2)
    assert customer(office, "月付为什么不能解冻") != "answer"
    assert customer(office, "抖音月付怎么关闭", then="转人工") == "handoff"

    # it appears clustered, and is adopted
    desk.goto(f"{office.url}/insights/")
    tab(desk, "未答的问题")
    cluster = desk.locator(".zd-cluster", has_text=MISS)
    expect(cluster).to_contain_text("问过 2 次")
    shot(desk, "insights-clusters")
    cluster.get_by_role("button", name="新建条目").click()
    expect(cluster).to_have_count(0)

    # without an answer it cannot be published
    desk.goto(f"{office.url}/knowledge/")
    tab(desk, "草稿与发布")
    desk.locator("#zd-prepare").click()
    expect(desk.get_by_text("还没有写答案：")).to_be_visible()

    # the editor writes the answer, and turns an entry off that the test set needs
    desk.locator("#zd-drafts").get_by_role("button", name="打开").click()
    field(desk, "short").fill(ANSWER)
    desk.get_by_role("button", name="预览与检查").click()
    expect(desk.locator("#zd-preview")).to_contain_text(ANSWER)
    expect(desk.locator("#zd-findings")).to_contain_text("只有 1 个相似问")
    desk.locator("#zd-save").click()
    expect(desk.get_by_text("已存为草稿")).to_be_visible()
    desk.locator("#zd-list tr", has_text="抖音月付怎么关闭").get_by_role("button", name="编辑").click()
    expect(field(desk, "question")).to_have_value("抖音月付怎么关闭")
    desk.locator("#zd-sheet").get_by_label("否").check()
    desk.locator("#zd-save").click()
    expect(desk.locator("#zd-list tr", has_text="抖音月付怎么关闭")).to_contain_text("已停用")

    # the proof shows what is gained and what is broken
    tab(desk, "草稿与发布")
    desk.locator("#zd-prepare").click()
    proof = desk.locator("#zd-proof")
    broken = proof.locator("details", has_text="变坏的").locator("tr", has_text="月付怎么关掉")
    expect(broken).to_contain_text("测试题", timeout=60_000)
    gained = proof.locator("details", has_text="变好的").locator("tr", has_text=MISS)
    expect(gained).to_contain_text("真实提问")
    expect(gained).to_contain_text("%")
    shot(desk, "knowledge-proof")
    assert customer(office, MISS) != "answer"

    # published, and the customer is answered
    desk.locator("#zd-publish").click()
    expect(desk.get_by_text("已发布，客户从下一个问题起")).to_be_visible()
    expect(desk.locator("#zd-drafts")).to_contain_text("没有草稿")
    box(chat).fill(MISS)
    box(chat).press("Enter")
    expect(replies(chat)).to_have_count(3)
    expect(replies(chat).last).to_contain_text(ANSWER)

    # rolled back, and it is not
    tab(desk, "版本与记录")
    desk.once("dialog", lambda dialog: dialog.accept())
    desk.get_by_role("button", name="回到这个版本").click()
    expect(desk.get_by_text("已回到这个版本")).to_be_visible()
    expect(desk.get_by_role("row", name="回到旧版本")).to_contain_text("editor")
    shot(desk, "knowledge-versions")
    assert customer(office, MISS) != "answer"
    assert customer(office, "月付怎么关掉") == "answer"
    assert visitors.complaints == []


def field(page: Any, name: str) -> Any:
    return page.locator(f"#zd-field-{name} textarea, #zd-field-{name} input").first


def test_the_second_of_two_editors_is_told(office: Site, visitors: Visitors, desk: Any, login: Any) -> None:
    other = visitors.context(storage_state=login).new_page()
    for page in (desk, other):
        knowledge(office, page)
        page.locator("#zd-list tr", has_text="抖音月付怎么还款").get_by_role("button", name="编辑").click()
        expect(field(page, "question")).to_have_value("抖音月付怎么还款")
    field(desk, "category").fill("还款甲")
    desk.locator("#zd-save").click()
    expect(desk.get_by_text("已存为草稿")).to_be_visible()
    field(other, "category").fill("还款乙")
    other.locator("#zd-save").click()
    expect(other.get_by_text("没有保存：")).to_be_visible()
    expect(field(other, "category")).to_have_value("还款乙")
    tab(desk, "草稿与发布")
    desk.once("dialog", lambda dialog: dialog.accept())
    desk.locator("#zd-discard-all").click()
    expect(desk.locator("#zd-drafts")).to_contain_text("没有草稿")


def test_an_upload_shows_what_would_fail(office: Site, desk: Any, shot: Any, tmp_path: Path) -> None:
    knowledge(office, desk)
    path = tmp_path / "表.csv"
    path.write_text("编号,标准问,答案\nn1,<b>月付</b>有年费吗,没有。\nn2,,没有问题\n", "utf-8")
    tab(desk, "导入")
    desk.locator("#zd-upload input[type=file]").set_input_files(path)
    shown = desk.locator("#zd-upload-view")
    expect(shown).to_contain_text("新增 1 条，更新 0 条，不变 0 行，有问题 1 行")
    expect(shown.locator("tr", has_text="缺少「标准问」")).to_contain_text("3")
    assert shown.locator("b").count() == 0
    shot(desk, "knowledge-upload")
    desk.locator("#zd-keep").click()
    expect(desk.get_by_text("已放入 1 条草稿")).to_be_visible()
    (tmp_path / "坏.pdf").write_bytes(b"MZ" + bytes(500))
    desk.locator("#zd-upload input[type=file]").set_input_files(tmp_path / "坏.pdf")
    expect(desk.get_by_text("「坏.pdf」")).to_be_visible()


def test_an_article_is_edited_and_an_entry_deleted(office: Site, desk: Any, shot: Any) -> None:
    knowledge(office, desk)
    tab(desk, "文章")
    desk.locator("#zd-article-list tr", has_text="抖音月付开通说明").get_by_role("button", name="编辑").click()
    text = desk.locator("#zd-article-text textarea")
    expect(text).to_have_value(re.compile("先看有没有入口"))
    text.fill(text.input_value().replace("先看有没有入口。", "先看首页有没有<b>入口</b>。"))
    desk.locator("#zd-article").get_by_role("button", name="预览与检查").click()
    expect(desk.locator("#zd-article-chunks")).to_contain_text("先看首页有没有<b>入口</b>。")
    expect(desk.locator("#zd-article-findings")).to_contain_text("依据「F003」不在 facts.md 里")
    desk.locator("#zd-article-save").click()
    expect(desk.locator("#zd-article-list tr", has_text="抖音月付开通说明")).to_contain_text("有草稿")
    shot(desk, "knowledge-article")
    desk.locator("#zd-article").get_by_role("button", name="撤销上次保存").click()
    expect(text).to_have_value(re.compile("先看有没有入口"))

    tab(desk, "条目")
    desk.locator("#zd-list tr", has_text="抖音月付怎么关闭").get_by_role("button", name="编辑").click()
    expect(field(desk, "question")).to_have_value("抖音月付怎么关闭")
    desk.once("dialog", lambda dialog: dialog.accept())
    desk.locator("#zd-remove").click()
    expect(desk.locator("#zd-list tr", has_text="抖音月付怎么关闭")).to_contain_text("将删除")
    expect(desk.locator("#zd-findings")).to_contain_text("事实 F010 没有别的条目或文章说到")
    tab(desk, "草稿与发布")
    desk.locator("#zd-prepare").click()
    expect(desk.locator("#zd-proof")).to_contain_text("将删除「抖音月付怎么关闭」", timeout=60_000)
    shot(desk, "knowledge-deletion")
    desk.locator("#zd-refuse").click()
    ours = desk.locator("#zd-drafts [data-do='undo'][data-target='entry:close']")
    ours.click()
    expect(ours).to_have_count(0)
    assert customer(office, "月付怎么关掉") == "answer"


def test_staff_search_and_take_a_handoff(office: Site, desk: Any, shot: Any) -> None:
    assert customer(office, "月付怎么激活", then="转人工") == "handoff"
    desk.goto(f"{office.url}/staff/")
    query = desk.get_by_label("客户的问题")
    query.press_sequentially("月付怎么激活")
    found = desk.locator(".zd-found tbody tr")
    expect(found.first).to_contain_text("抖音月付怎么开通")
    expect(found.first.locator("mark").first).to_be_visible()
    desk.locator("#zd-filters").get_by_label("分类").click()
    desk.get_by_role("option", name="还款").click()
    expect(found.first).to_contain_text("抖音月付怎么还款")
    found.first.get_by_role("button", name="看原文").click()
    expect(desk.locator(".zd-source")).to_contain_text("还款的说明")
    shot(desk, "staff-search")
    found.first.get_by_role("button", name="这条就对").click()
    expect(desk.get_by_text("已记下")).to_be_visible()
    query.press("Escape")
    desk.keyboard.press("0")
    expect(desk.get_by_text("已记为未答的问题")).to_be_visible()

    tab(desk, "转人工收件箱")
    card = desk.locator(".zd-cluster", has_text="月付怎么激活")
    card.get_by_role("button", name="领取").click()
    expect(card).to_contain_text("处理中 editor")
    card.get_by_role("button", name="标为已处理").click()
    desk.get_by_label("处理情况").fill("已电话说明")
    desk.locator("#zd-answered").click()
    expect(card).to_contain_text("处理情况：已电话说明")
    shot(desk, "staff-inbox")


def test_an_evaluation_is_run_read_and_compared(office: Site, desk: Any, shot: Any) -> None:
    desk.goto(f"{office.url}/evaluation/")
    for count in (1, 2):
        desk.locator("#zd-run").click()
        expect(desk.locator("#zd-runs tbody tr")).to_have_count(count, timeout=60_000)
    desk.get_by_role("button", name="看报告").first.click()
    expect(desk.frame_locator(".zd-report").get_by_text("知答评测报告")).to_be_visible()
    shot(desk, "evaluation-report")
    tab(desk, "逐题比较")
    desk.locator("#zd-compare").click()
    expect(desk.locator("#zd-compared")).to_contain_text("共同的 3 题")


def test_every_page_fits(office: Site, desk: Any, shot: Any) -> None:
    for name in ("staff", "knowledge", "insights", "evaluation"):
        desk.goto(f"{office.url}/{name}/")
        expect(desk.locator("#zd-tabs")).to_be_visible()
        expect(desk.locator(".zd-place a[aria-current]")).to_be_visible()
        for size, (width, height) in SIZES.items():
            desk.set_viewport_size({"width": width, "height": height})
            desk.wait_for_timeout(300)
            shot(desk, f"{name}-{size}")
            assert desk.evaluate("document.documentElement.scrollWidth") <= width
