from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.calculation.quantities import CalendarDay, Mention, read


def said(text: str, kind: str) -> list[Mention]:
    return [mention for mention in read(text).mentions if mention.kind == kind]


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("两千块逾期十天", [2000]),
        ("一万二", [12000]),
        ("3k", [3000]),
        ("1.2万", [12000]),
        ("一块五", ["1.5"]),
        ("2块5", ["2.5"]),
        ("三块一直没退", [3]),
        ("五毛", ["0.5"]),
        ("３０００元", [3000]),
        ("¥300", [300]),
        ("1,234.5元", ["1234.5"]),
        ("欠1000逾期30天", [1000]),
        ("固定两千临时五百全花光了", [2000, 500]),
        ("退款一百二额度加几块", [120]),
        ("爭一千蚊", [1000]),
        ("補了我五十", [50]),
        ("整单是120", [120]),
    ],
)
def test_amounts(text: str, amounts: list[object]) -> None:
    assert [mention.value for mention in said(text, "amount")] == [Decimal(str(amount)) for amount in amounts]


@pytest.mark.parametrize(
    "text",
    [
        "粉丝一万二",
        "播放3k",
        "iphone15",
        "95152",
        "618",
        "2000多块",
        "几千块",
        "百亿补贴",
        "万一还不上",
        "还一直没到账",
        "七点二十",
        "第3天",
        "一块还",
        "还十天半月",
        "统一",
        "3000播放",
    ],
)
def test_no_amount_where_none_is_certain(text: str) -> None:
    assert said(text, "amount") == []


@pytest.mark.parametrize(
    ("text", "days", "rounded"),
    [
        ("逾期十天", [10], False),
        ("晚了两周", [14], False),
        ("一个礼拜", [7], False),
        ("半个月", [15], True),
        ("两个月", [60], True),
        ("拖了俩月", [60], True),
        ("一个半月", [45], True),
        ("遲咗三十日", [30], False),
        ("30日内", [30], False),
        ("一年半", [547], True),
    ],
)
def test_days(text: str, days: list[int], rounded: bool) -> None:
    assert [(int(mention.value), mention.rounded) for mention in said(text, "days")] == [(day, rounded) for day in days]


@pytest.mark.parametrize(
    "text",
    [
        "七天无理由退货",
        "7天无理由",
        "三四天",
        "十几天",
        "每30天",
        "前三天",
        "2026年",
        "24小时",
        "18岁",
        "半天",
        "3个工作日",
        "逾期一个多月",
    ],
)
def test_no_days_where_none_are_certain(text: str) -> None:
    assert said(text, "days") == []


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("十五号", [CalendarDay(15)]),
        ("7月20号买的", [CalendarDay(20, 7)]),
        ("七月二十买的", [CalendarDay(20, 7)]),
        ("2026-11-23买", [CalendarDay(23, 11, 2026)]),
        ("二零二六年三月五号", [CalendarDay(5, 3, 2026)]),
        ("周三11号", [CalendarDay(11)]),
        ("廿八号", [CalendarDay(28)]),
        ("1号出账3号买", [CalendarDay(1), CalendarDay(3)]),
        ("32号", []),
        ("13月5号", []),
        ("3号店", []),
        ("第二号", []),
    ],
)
def test_dates(text: str, dates: list[CalendarDay]) -> None:
    assert [mention.date for mention in said(text, "date")] == dates


def test_counts() -> None:
    counts = said("分3期，买了两件，一个都没退", "count")
    assert [(int(mention.value), mention.unit) for mention in counts] == [(3, "期"), (2, "件")]


def test_places_point_into_the_normal_form() -> None:
    reading = read("欠 两千块，逾期十天")
    assert [reading.text[mention.start : mention.end] for mention in reading.mentions] == ["两千块", "十天"]


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=60)
    | st.text(alphabet="0123456789一二两三十百千万亿半点几多元块天月号年日个.,kw￥- 逾期欠买俩", max_size=30)
)
def test_any_string_gives_numbers(text: str) -> None:
    assert all(mention.value >= 1 for mention in said(text, "days"))
    assert all(mention.date is not None and 1 <= mention.date.day <= 31 for mention in said(text, "date"))
