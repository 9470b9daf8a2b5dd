"""The closed table of computations that an answer may carry out, each with its working in Chinese.

Pure functions on exact decimals. Amounts are yuan, rounded half up to the cent.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from kb.errors import UsageError

Stage = Literal["before_receipt", "unpaid", "repaid", ""]

_CENT = Decimal("0.01")
_MAX_AMOUNT = Decimal(1_000_000)
_MAX_DAYS = 3650
_MAX_RATE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Worked:
    """A result with the lines that show how it came about.

    ``result`` is yuan, or days for each bill day (:func:`interest_free_days`).
    """

    result: Decimal | tuple[int, ...]
    lines: tuple[str, ...]


def overdue_fee(amount: Decimal, days: int, daily_rate: Decimal) -> Worked:
    """Compute the fee for paying ``amount`` yuan ``days`` days late at ``daily_rate`` a day, without compounding.

    Raises:
        UsageError: a value is out of range.
    """
    _check_amount(amount, "金额")
    _check_days(days, "逾期天数")
    if not 0 < daily_rate <= _MAX_RATE:
        raise _fault(f"daily rate {daily_rate}", "日费率应大于 0、不超过 1%")
    fee = _cents(amount * daily_rate * days)
    return Worked(fee, (f"{_yuan(amount)} × {_percent(daily_rate)} × {days} 天 = {_yuan(fee)}",))


def interest_free_days(purchase: date | int, bill_days: Sequence[int], due_after: int, longest: int) -> Worked:
    """Count the days from a purchase to the due date of its bill, for each bill day.

    A purchase on the bill day or later goes into the next bill, which is what makes the longest stretch 31 + 5 days.

    Args:
        purchase: the date, or only the day of the month; then the month is taken to have 30 or 31 days and the result
            is the shorter.
        bill_days: possible bill days of the month, 1..28.
        due_after: days from the bill day to the due date.
        longest: upper limit in days.

    Raises:
        UsageError: a value is out of range.
    """
    if not bill_days or not all(1 <= day <= 28 for day in bill_days):
        raise _fault(f"bill days {bill_days}", "账单日应在 1～28 号之间")
    if not 0 <= due_after <= 60 or not 1 <= longest <= 366:
        raise _fault(f"due after {due_after}, longest {longest}", "还款期或最长免息天数不合理")
    if isinstance(purchase, date):
        pairs = [_from_date(purchase, day, due_after, longest) for day in bill_days]
    else:
        _check_day_of_month(purchase)
        pairs = [_from_day(purchase, day, due_after, longest) for day in bill_days]
    return Worked(tuple(days for days, _ in pairs), tuple(line for _, line in pairs))


def refund_effect(bill: Decimal | None, refund: Decimal, stage: Stage = "") -> Worked:
    """Tell what a refund of ``refund`` yuan changes: the limit, the bill, or the balance once the bill is repaid.

    Args:
        bill: amount of the bill, None if not known.
        refund: amount refunded.
        stage: how far the order has come; "" shows the two cases in which something is still owed.

    Returns:
        ``result`` is what is left to pay of the bill; the refund itself where no bill is known or it was repaid.

    Raises:
        UsageError: a value is out of range or the refund exceeds the bill.
    """
    _check_amount(refund, "退款金额")
    if bill is not None:
        _check_amount(bill, "账单金额")
        if refund > bill:
            raise _fault(f"refund {refund} over bill {bill}", "退款金额比账单金额还大，请核对这两个数")
    limit = f"没确认收货：可用额度加回 {_yuan(refund)}"
    if stage == "before_receipt":
        return Worked(refund, (limit,))
    if stage == "repaid":
        return Worked(refund, (f"账单已经还了：{_yuan(refund)} 退到抖音零钱或银行卡，账单不用再还这笔",))
    owed, line = _bill_after(bill, refund)
    return Worked(owed, (line,) if stage == "unpaid" else (limit, line))


def limit_after_repayment(fixed: Decimal, temporary: Decimal, repaid: Decimal, used: Decimal | None = None) -> Worked:
    """Limit available after repaying, once the temporary part has lapsed.

    Available = present total (the fixed part) − what is still owed; overpaid fees restore nothing.

    Args:
        fixed: fixed limit.
        temporary: temporary limit, 0 if there was none.
        repaid: principal repaid.
        used: what was owed before; all of both limits if None.

    Raises:
        UsageError: a value is out of range.
    """
    _check_amount(fixed, "固定额度")
    _check_amount(temporary, "临时额度", at_least=Decimal(0))
    _check_amount(repaid, "还款金额")
    debt = fixed + temporary if used is None else used
    _check_amount(debt, "已用额度")
    owed = max(debt - repaid, Decimal(0))
    left = max(fixed - owed, Decimal(0))
    how = f"全部用完时欠 {_yuan(fixed)} + {_yuan(temporary)} = {_yuan(debt)}" if used is None else f"已用 {_yuan(debt)}"
    total = f"临时额度到期后总额度是 {_yuan(fixed)}" if temporary else f"总额度 {_yuan(fixed)}"
    rest = f"可用 {_yuan(fixed)} − {_yuan(owed)} = {_yuan(left)}" if owed <= fixed else "比还欠的少，暂时没有可用额度"
    return Worked(left, (f"{how}，还 {_yuan(repaid)}后还欠 {_yuan(owed)}", f"{total}，{rest}"))


def _bill_after(bill: Decimal | None, refund: Decimal) -> tuple[Decimal, str]:
    if bill is None:
        return refund, f"收了货、账单没还：账单少还 {_yuan(refund)}"
    owed = bill - refund
    return owed, f"收了货、账单没还：{_yuan(bill)} − {_yuan(refund)} = {_yuan(owed)}，还要还这么多"


def _from_date(purchase: date, bill_day: int, due_after: int, longest: int) -> tuple[int, str]:
    billed = _bill_date(purchase, bill_day)
    due = billed + timedelta(days=due_after)
    days = min((due - purchase).days, longest)
    return days, f"账单日 {bill_day} 号：{_day(purchase)}买，{_day(billed)}出账，{_day(due)}还，免息 {days} 天"


def _bill_date(purchase: date, bill_day: int) -> date:
    if purchase.day < bill_day:
        return purchase.replace(day=bill_day)
    last = calendar.monthrange(purchase.year, purchase.month)[1]
    return (purchase.replace(day=last) + timedelta(days=1)).replace(day=bill_day)


def _from_day(purchase: int, bill_day: int, due_after: int, longest: int) -> tuple[int, str]:
    if purchase < bill_day:
        days = min(bill_day - purchase + due_after, longest)
        return (
            days,
            f"账单日 {bill_day} 号：{purchase} 号买，当月 {bill_day} 号出账、过 {due_after} 天还，免息 {days} 天",
        )
    months = (31,) if purchase == 31 else (30, 31)
    spans = sorted({min(month - purchase + bill_day + due_after, longest) for month in months})
    shown = "～".join(str(days) for days in spans)
    reason = "（看当月是 30 天还是 31 天）" if len(spans) > 1 else ""
    due = f"下月 {bill_day} 号出账、过 {due_after} 天还"
    return spans[0], f"账单日 {bill_day} 号：{purchase} 号买，{due}，免息 {shown} 天{reason}"


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _yuan(amount: Decimal) -> str:
    return f"{_plain(_cents(amount))} 元"


def _percent(rate: Decimal) -> str:
    return f"{_plain(rate * 100)}%"


def _plain(number: Decimal) -> str:
    """Without trailing zeros and never in scientific notation."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _check_amount(amount: Decimal, name: str, at_least: Decimal = _CENT) -> None:
    if not (amount.is_finite() and at_least <= amount <= _MAX_AMOUNT):
        raise _fault(f"{name}: {amount}", f"{name}应在 {_plain(at_least)} 元到 100 万元之间")


def _check_days(days: int, name: str) -> None:
    if not 1 <= days <= _MAX_DAYS:
        raise _fault(f"{name}: {days}", f"{name}应在 1 到 {_MAX_DAYS} 天之间")


def _check_day_of_month(day: int) -> None:
    if not 1 <= day <= 31:
        raise _fault(f"day of month {day}", "购买日应在 1～31 号之间")


def _fault(message: str, reason: str) -> UsageError:
    return UsageError(f"out of range: {message}", user_message=f"{reason}，改好后再发一次，我再帮你算。")
