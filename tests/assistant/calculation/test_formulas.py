from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.calculation.formulas import interest_free_days, limit_after_repayment, overdue_fee, refund_effect
from kb.errors import UsageError

RATE = Decimal("0.0005")
BILL_DAYS = (1, 10, 15)


def yuan(number: object) -> Decimal:
    return Decimal(str(number))


def test_overdue_fee_shows_its_working() -> None:
    worked = overdue_fee(yuan(1000), 30, RATE)
    assert worked.result == 15
    assert worked.lines == ("1000 元 × 0.05% × 30 天 = 15 元",)


def test_overdue_fee_rounds_half_up_to_the_cent() -> None:
    # 10 × 0.0005 × 1 = 0.005; 30 × 0.0005 × 1 = 0.015 (half to even would give 0.00 and 0.02).
    assert overdue_fee(yuan(10), 1, RATE).result == yuan("0.01")
    assert overdue_fee(yuan(30), 1, RATE).result == yuan("0.02")
    assert overdue_fee(yuan("35.5"), 7, RATE).result == yuan("0.12")  # 0.12425


@pytest.mark.parametrize(
    ("amount", "days", "rate"),
    [
        (0, 1, RATE),
        (-5, 1, RATE),
        (1000, 0, RATE),
        (1000, -1, RATE),
        (1000, 4000, RATE),
        (2_000_000, 1, RATE),
        ("NaN", 1, RATE),
        ("Infinity", 1, RATE),
        (1000, 1, Decimal(0)),
        (1000, 1, Decimal("0.5")),
    ],
)
def test_overdue_fee_refuses_the_absurd(amount: object, days: int, rate: Decimal) -> None:
    with pytest.raises(UsageError) as error:
        overdue_fee(yuan(amount), days, rate)
    assert "再发一次" in error.value.user_message


def test_interest_free_days_from_a_date() -> None:
    # 2026-07-20: bills on 8/1, 8/10, 8/15, due on 8/6, 8/15, 8/20.
    worked = interest_free_days(date(2026, 7, 20), BILL_DAYS, 5, 36)
    assert worked.result == (17, 26, 31)
    assert worked.lines[0] == "账单日 1 号：7 月 20 日买，8 月 1 日出账，8 月 6 日还，免息 17 天"


def test_interest_free_days_over_the_new_year_and_on_the_bill_day() -> None:
    assert interest_free_days(date(2026, 12, 20), (10,), 5, 36).result == (26,)  # bill 1/10, due 1/15
    assert interest_free_days(date(2026, 7, 10), (10,), 5, 36).result == (36,)  # next bill 8/10, due 8/15
    assert interest_free_days(date(2026, 7, 9), (10,), 5, 36).result == (6,)  # bill 7/10, due 7/15


def test_interest_free_days_from_a_day_of_the_month() -> None:
    worked = interest_free_days(20, BILL_DAYS, 5, 36)
    assert worked.result == (16, 25, 30)
    assert "免息 16～17 天" in worked.lines[0]
    assert interest_free_days(5, (10,), 5, 36).lines == ("账单日 10 号：5 号买，当月 10 号出账、过 5 天还，免息 10 天",)
    assert interest_free_days(31, (1,), 5, 36).result == (6,)


@pytest.mark.parametrize(
    ("purchase", "bill_days", "due_after", "longest"),
    [(0, (1,), 5, 36), (32, (1,), 5, 36), (5, (), 5, 36), (5, (30,), 5, 36), (5, (1,), -1, 36), (5, (1,), 5, 0)],
)
def test_interest_free_days_refuses_the_absurd(
    purchase: int, bill_days: tuple[int, ...], due_after: int, longest: int
) -> None:
    with pytest.raises(UsageError):
        interest_free_days(purchase, bill_days, due_after, longest)


@settings(max_examples=100)
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 28))
def test_interest_free_days_agree_with_counting_day_by_day(purchase: date, bill_day: int) -> None:
    day = purchase + timedelta(days=1)
    while day.day != bill_day:
        day += timedelta(days=1)
    expected = min((day - purchase).days + 5, 36)
    assert interest_free_days(purchase, (bill_day,), 5, 36).result == (expected,)


def test_refund_effect_by_stage() -> None:
    bill, refund = yuan(1000), yuan(300)
    assert refund_effect(bill, refund, "unpaid").result == 700
    assert refund_effect(bill, refund, "unpaid").lines == ("收了货、账单没还：1000 元 − 300 元 = 700 元，还要还这么多",)
    assert refund_effect(bill, refund, "before_receipt").lines == ("没确认收货：可用额度加回 300 元",)
    assert "零钱或银行卡" in refund_effect(bill, refund, "repaid").lines[0]
    assert len(refund_effect(None, refund).lines) == 2


def test_refund_effect_refuses_more_than_the_bill() -> None:
    with pytest.raises(UsageError, match="over bill") as error:
        refund_effect(yuan(100), yuan(300))
    assert "退款金额比账单金额还大" in error.value.user_message


def test_limit_after_repayment() -> None:
    # The fact sheet's own example (F192): 1000 fixed + 500 lapsed, 1500 repaid, 1000 available.
    assert limit_after_repayment(yuan(1000), yuan(500), yuan(1500)).result == 1000
    assert limit_after_repayment(yuan(2000), yuan(500), yuan(1000)).result == 500  # owes 1500 of 2000
    assert limit_after_repayment(yuan(1000), yuan(500), yuan(200)).result == 0  # owes 1300 of 1000
    assert limit_after_repayment(yuan(1000), yuan(0), yuan(1010)).result == 1000  # 10 of it were fees
    assert limit_after_repayment(yuan(2000), yuan(0), yuan(600), used=yuan(1500)).result == 1100
    with pytest.raises(UsageError):
        limit_after_repayment(yuan(1000), yuan(-1), yuan(5))
