from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.chunking import split
from kb.exchange.furniture import CleanPage, clean_page
from kb.exchange.furniture_cues import bare, edge_reason, is_sentence, lead_reason
from kb.records import Document

DATA = Path(__file__).parents[2] / "data"
TITLE = "抖音月付显示“本订单暂不支持”是怎么回事?如何开通月付?用户攻略为你详细解答!"


def page(name: str) -> CleanPage:
    return clean_page((DATA / name).read_text(encoding="utf-8"))


def paths(cleaned: CleanPage) -> list[tuple[str, ...]]:
    return [section.heading_path for section in split(Document("d", cleaned.title, cleaned.text))[0]]


def test_seed_article_keeps_its_tree() -> None:
    seed = page("seed-article.txt")
    found = paths(seed)

    assert seed.title == TITLE
    assert [path[0][:2] for path in found if len(path) == 1] == [TITLE[:2], "一、", "二、"]
    assert [path[1][:3] for path in found if len(path) == 2] == ["(一)", "(二)", "(三)", "(一)", "(二)"]
    assert [path[2][:2] for path in found if len(path) == 3] == [
        f"{n}." for n in (1, 2, 1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 5, 1, 2)
    ]
    assert seed.text.endswith("希望以上内容对大家有所帮助。")


def test_seed_article_loses_its_furniture_and_nothing_else() -> None:
    seed = page("seed-article.txt")

    assert [item.line_no for item in seed.dropped] == [1, 4, 23, 89, 97, 99, 101, 103, 105, 106, 107, 108, 109, 111]
    assert not [
        word for word in ("延展阅读", "晓观点", "毛毛", "上一篇", "相关推荐", "免费试用", TITLE) if word in seed.text
    ]


def test_page_with_chapters_and_decimals() -> None:
    cleaned = page("page-chapters.txt")

    assert cleaned.title == "小暖电饭煲使用与保养指南"
    assert [path[-1].split()[0] for path in paths(cleaned)[1:]] == [
        "第一章", "1.1", "1.2", "第二章", "2.1", "2.2", "第三章", "3.1", "3.2",
    ]  # fmt: skip
    assert "1. 内胆\n2. 量杯\n3. 饭勺" in cleaned.text
    assert cleaned.text.startswith("这篇指南") and cleaned.text.endswith("拨打 400 热线报修。")
    assert not [
        word for word in ("首页", "来源", "目录", "十款", "赞 128", "涂层", "Copyright", "原创") if word in cleaned.text
    ]


def test_text_without_furniture_is_left_alone() -> None:
    body = "月付说明。\n\n请准备：\n1. 身份证\n2. 银行卡\n\n步骤\n打开抖音\n点赞\n收藏\n提交"

    cleaned = clean_page("月付怎么开通\n\n" + body)

    assert (cleaned.title, cleaned.text, cleaned.dropped) == ("月付怎么开通", body, ())


def test_links_in_the_middle_end_at_the_next_sentence() -> None:
    text = "怎么开通月付\n第一段正文。\n延伸阅读：\n怎么还款？\n怎么退款？\n第二段正文。\n"

    assert clean_page(text).text == "第一段正文。\n第二段正文。"


def test_comments_behind_a_terminal_lead_go() -> None:
    text = "怎么开通月付\n" + "正文写得很长，说明了一件事。" * 9 + "\n网友评论\n我不同意，因为太慢了。\n2天前\n"

    assert [item.reason for item in clean_page(text).dropped] == ["推荐阅读"] * 3


def test_lead_before_most_of_the_text_takes_only_its_links() -> None:
    text = "怎么开通月付\n相关推荐\n怎么还款\n" + "正文写得很长，说明了一件事。" * 9 + "\n"

    assert clean_page(text).text.startswith("正文写得很长")


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("怎么开通月付_某某网", "怎么开通月付"),
        ("怎么开通月付 - 某某社区", "怎么开通月付"),
        ("怎么开通月付 | 帮助", "怎么开通月付"),
        ("月付 - 分期", "月付 - 分期"),
        ("月付—先买后付", "月付—先买后付"),
    ],
)
def test_site_name_behind_the_title(first: str, title: str) -> None:
    assert clean_page(f"{first}\n\n正文第一句。\n").title == title


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("上一篇 2024年12月20日 下午7:55", "上一篇/下一篇"),
        ("下一篇：怎么还款", "上一篇/下一篇"),
        ("(0)", "分享、点赞等计数"),
        ("赞 12 收藏 3 分享", "分享、点赞等计数"),
        ("2024-12-20 10:00", "日期或作者"),
        ("来源：某某网  阅读 123", "日期或作者"),
        ("小编 2024年12月20日", "日期或作者"),
        ("立即注册 领取优惠", "按钮或推广"),
        ("首页 > 帮助 > 月付", "导航"),
        ("毛毛毛毛", "头像与名字重复"),
        ("京ICP备00000号", "版权或备案"),
        ("打开抖音", ""),
        ("活动时间：全年有效", ""),
        ("下一篇章讲还款", ""),
    ],
)
def test_edge_reason(line: str, reason: str) -> None:
    assert edge_reason(line) == reason


def test_cues_of_single_lines() -> None:
    assert lead_reason("延展阅读:") == "lead"
    assert lead_reason("【相关推荐】") == "terminal"
    assert lead_reason("相关推荐算法的原理") == ""
    assert bare("## **[月付](http://x)** ") == "月付"
    assert is_sentence("这是一句话。") and not is_sentence("怎么开通？")


LINES = st.sampled_from(
    ["标题", "标题_某网", "正文一句。", "一、原因", "延展阅读：", "(0)", "上一篇 x", "目录", "", "相关推荐"]
)


@settings(deadline=None)
@given(st.text(max_size=300) | st.lists(LINES | st.text(max_size=12), max_size=25).map("\n".join))
def test_every_character_is_kept_or_listed(text: str) -> None:
    cleaned = clean_page(text)
    rest = "".join(text.split())
    parts = [cleaned.title, *cleaned.text.split("\n"), *(item.text for item in cleaned.dropped)]

    assert sorted("".join("".join(parts).split())) == sorted(rest) or any(mark in text for mark in "#*_>-+•·[]")
