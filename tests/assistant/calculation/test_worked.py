from decimal import Decimal

import pytest

from assistant.calculation.formulas import Worked
from assistant.calculation.worked import Missing, work
from kb.errors import CorpusError, UsageError
from kb.records import Formula

FEE = Formula("overdue_fee", {"daily_rate": 0.0005})
FREE = Formula("interest_free_days", {"bill_days": [1, 10, 15], "due_after": 5, "longest": 36})
REFUND = Formula("refund_effect")
LIMIT = Formula("limit_after_repayment")


@pytest.mark.parametrize(
    ("question", "fee"),
    [
        ("欠 2000 逾期 10 天，帮我算算", "10"),
        ("两千块逾期十天", "10"),
        ("一千块晚一个月 罚息", "15"),
        ("欠页写1000，已逾期30天", "15"),
        ("一千块逾期三十天是不是就15块左右的罚息", "15"),
        ("五百块晚三天", "0.75"),
        ("拖了俩月，八百块的欠款现在多少了", "24"),
        ("抖音月付爭一千蚊，遲咗三十日", "15"),
        ("额度5000，欠1000，逾期30天", "15"),
    ],
)
def test_overdue_fee_from_a_question(question: str, fee: str) -> None:
    done = work(FEE, question)
    assert isinstance(done, Worked)
    assert done.result == Decimal(fee)


def test_a_month_turned_into_days_is_said() -> None:
    done = work(FEE, "欠500，逾期半个月")
    assert isinstance(done, Worked)
    assert done.lines == ("500 元 × 0.05% × 15 天 = 3.75 元（半个月按 15 天算）",)


def test_what_is_missing_is_named() -> None:
    assert work(FEE, "逾期费怎么收") == Missing(("没还的金额", "逾期天数"))
    assert work(FEE, "欠了1000元") == Missing(("逾期天数",))
    assert work(FREE, "最长多少天") == Missing(("购买日期",))
    assert work(REFUND, "退一部分呢") == Missing(("退款金额",))
    assert work(LIMIT, "固定1000，还500") == Missing(("临时额度",))


def test_interest_free_days_from_a_question() -> None:
    assert work(FREE, "3号买的，1号出账").result == (33,)  # type: ignore[union-attr]
    assert work(FREE, "28号消费15号出账").result == (22,)  # type: ignore[union-attr]
    assert work(FREE, "7月20号买的").result == (17, 26, 31)  # type: ignore[union-attr]
    assert work(FREE, "20号买的，每月15号还款").result == (25,)  # type: ignore[union-attr]
    assert work(FREE, "2月30号买的").result == (6, 15, 20)  # type: ignore[union-attr]


def test_refund_stage_from_the_question_then_from_the_entry() -> None:
    lines = lambda question, context="": work(REFUND, question, context).lines  # type: ignore[union-attr]  # noqa: E731
    assert lines("退了300") == ("没确认收货：可用额度加回 300 元", "收了货、账单没还：账单少还 300 元")
    assert lines("退了300", "抖音月付没确认收货就退款") == ("没确认收货：可用额度加回 300 元",)
    assert "零钱" in lines("账单已经还了，退300")[0]
    assert lines("账单 2000 里退了 600，没还")[0].startswith("收了货、账单没还：2000 元 − 600 元 = 1400 元")


def test_limit_from_a_question() -> None:
    assert work(LIMIT, "固定两千临时五百全花光了，先还一千").result == 500  # type: ignore[union-attr]
    assert work(LIMIT, "基础一千临时五百，还清后剩多少可用").result == 1000  # type: ignore[union-attr]
    assert work(LIMIT, "月付额度 2000 用了 1500，还 600 之后能用多少").result == 1100  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "question",
    [
        "固定额度1000，用了800，还没还清，还能用多少",
        "固定额度5000，临时额度2000，都用完了，还没全部还完，现在能用多少",
        "固定额度1000，用了800，什么时候能还完",
        "固定1000，用了800，一直没有还清",
        "固定额度1000，用了800，没钱还清，还能用多少",
        "固定额度1000，用了800，没法还清",
        "固定额度1000，用了800，没把账单还清",
        "固定额度1000，用了800，还没彻底还清",
        "固定额度1000，用了800，怎么还清",
    ],
)
def test_what_is_not_repaid_yet_is_not_counted_as_repaid(question: str) -> None:
    done = work(LIMIT, question)
    assert isinstance(done, Missing) and "还款金额" in done.names


def test_a_complaint_says_that_it_is_repaid() -> None:
    assert work(LIMIT, "固定额度1000，用了800，怎么还清了额度还没恢复").result == 1000  # type: ignore[union-attr]


def test_numbers_out_of_range_are_told_to_the_user() -> None:
    with pytest.raises(UsageError):
        work(FEE, "欠 99999999 元，逾期 3 天")


@pytest.mark.parametrize(
    "formula",
    [
        Formula("overdue_fee"),
        Formula("overdue_fee", {"daily_rate": "many"}),
        Formula("eval"),
        Formula("interest_free_days", {"bill_days": "1", "due_after": 5, "longest": 36}),
    ],
)
def test_a_fault_of_the_corpus_is_named(formula: Formula) -> None:
    with pytest.raises(CorpusError, match=formula.name):
        work(formula, "欠1000，逾期3天，3号买")
