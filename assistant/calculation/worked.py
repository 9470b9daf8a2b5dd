"""From an entry's formula and the numbers in a question to a worked calculation, or to the numbers still wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import cast

from assistant.calculation.cues import formula_cues
from assistant.calculation.formulas import (
    Stage,
    Worked,
    interest_free_days,
    limit_after_repayment,
    overdue_fee,
    refund_effect,
)
from assistant.calculation.quantities import CalendarDay, Mention, Reading, read
from assistant.calculation.roles import Found, roles_of, the_one
from kb.errors import CorpusError
from kb.records import Formula
from kb.text import normalise

Params = Mapping[str, object]

# Right before words that say that all is repaid: these turn them around, or ask when or how it will be.
_NOT_YET = re.compile(
    r"(?:没[有钱法]?|未|不[想用]?|无法|别|何时|什么时候|啥时候?|几时|多久|哪天)"
    r"(?:能|会|可以|才|来得及|及时|按时|一次性?|全部?|都|把[^,，。]{0,6}|完全|彻底)*+$"
)
_HOW = re.compile(r"(?:怎么|咋|如何)(?:能|才能|可以|才)?$")


@dataclass(frozen=True, slots=True)
class Missing:
    """The numbers that the question does not give, in Chinese."""

    names: tuple[str, ...]


def work(formula: Formula, question: str, context: str = "") -> Worked | Missing:
    """Carry out a formula on the numbers of a question.

    Args:
        formula: of the entry answered.
        question: what the user said.
        context: the entry's own question, which may settle what the user left open (没确认收货).

    Raises:
        UsageError: a number is out of range; the message is for the user.
        CorpusError: the formula is unknown or its parameters are missing or no numbers.
    """
    recipe = _RECIPES.get(formula.name)
    if recipe is None:
        raise _fault(formula, "unknown formula")
    try:
        return recipe(formula.params, read(question), normalise(context))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise _fault(formula, f"bad parameters: {error!r}") from error


def _overdue_fee(params: Params, reading: Reading, context: str) -> Worked | Missing:
    rate = Decimal(str(params["daily_rate"]))
    found = roles_of(reading, formula_cues().roles["overdue_fee"])
    amount, days = the_one(found, "amount", "owed"), the_one(found, "days", "late")
    if amount is None or days is None:
        return _missing(("没还的金额", amount), ("逾期天数", days))
    done = overdue_fee(amount.value, int(days.value), rate)
    return Worked(done.result, (done.lines[0] + _rounding(days, reading), *done.lines[1:]))


def _rounding(days: Mention, reading: Reading) -> str:
    return f"（{reading.text[days.start : days.end]}按 {int(days.value)} 天算）" if days.rounded else ""


def _interest_free_days(params: Params, reading: Reading, context: str) -> Worked | Missing:
    bill_days, due_after, longest = (
        _whole_numbers(params["bill_days"]),
        _whole(params, "due_after"),
        _whole(params, "longest"),
    )
    found = roles_of(reading, formula_cues().roles["interest_free_days"])
    bought = the_one(found, "date", "purchase")
    if bought is None or bought.date is None:
        return Missing(("购买日期",))
    own = _own_bill_day(found, due_after)
    return interest_free_days(_as_date(bought.date), (own,) if own else bill_days, due_after, longest)


def _own_bill_day(found: Found, due_after: int) -> int | None:
    """Find the bill day that the user named, directly or by the due day that follows it."""
    bill, due = (the_one(found, "date", role, strict=True) for role in ("bill", "due"))
    day = int(bill.value) if bill else int(due.value) - due_after if due else 0
    return day if 1 <= day <= 28 else None


def _as_date(day: CalendarDay) -> date | int:
    if day.month is None:
        return day.day
    try:
        # Only a February tells one year from another; 2025 is an ordinary one.
        return date(day.year or 2025, day.month, day.day)
    except ValueError:
        return day.day


def _refund_effect(params: Params, reading: Reading, context: str) -> Worked | Missing:
    found = roles_of(reading, formula_cues().roles["refund_effect"])
    refund, bill = the_one(found, "amount", "refund"), the_one(found, "amount", "bill", strict=True)
    if refund is None:
        return Missing(("退款金额",))
    stage = str(params.get("stage") or _stage(reading.text) or _stage(context))
    return refund_effect(bill.value if bill else None, refund.value, cast(Stage, stage))


def _stage(text: str) -> str:
    stages = formula_cues().stages
    return next((stage for stage, words in stages.items() if any(word in text for word in words)), "")


def _limit_after_repayment(params: Params, reading: Reading, context: str) -> Worked | Missing:
    found = roles_of(reading, formula_cues().roles["limit_after_repayment"])
    fixed, used = (_value(the_one(found, "amount", role, strict=True)) for role in ("fixed", "used"))
    temporary = _value(the_one(found, "amount", "temporary", strict=True))
    if temporary is None and used is not None:
        temporary = Decimal(0)
    repaid = _value(the_one(found, "amount", "repaid", strict=True))
    if repaid is None and fixed is not None and _is_repaid(reading.text):
        repaid = used or fixed + (temporary or 0)
    if fixed is None or temporary is None or repaid is None:
        wanted = (("固定额度", fixed), ("临时额度", temporary), ("还款金额", repaid))
        return Missing(tuple(name for name, value in wanted if value is None))
    return limit_after_repayment(fixed, temporary, repaid, used)


def _is_repaid(text: str) -> bool:
    """Tell whether a message says, or supposes, that the whole debt is repaid: not 还没还清, nor 什么时候还完."""
    said = (match for cue in formula_cues().repaid_in_full for match in re.finditer(re.escape(cue), text))
    return any(not _is_open(text[: match.start()], text[match.end() :]) for match in said)


def _is_open(before: str, after: str) -> bool:
    """Tell whether words that say that all is repaid are turned around, or ask how: 怎么还清, but not 怎么还清了还没恢复."""
    return bool(_NOT_YET.search(before) or (_HOW.search(before) and not after.startswith("了")))


def _value(mention: Mention | None) -> Decimal | None:
    return None if mention is None else mention.value


def _missing(*wanted: tuple[str, Mention | None]) -> Missing:
    return Missing(tuple(name for name, mention in wanted if mention is None))


def _whole(params: Params, key: str) -> int:
    return int(str(params[key]))


def _whole_numbers(value: object) -> Sequence[int]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError("bill_days is no list")
    return tuple(int(str(item)) for item in value)


def _fault(formula: Formula, reason: str) -> CorpusError:
    return CorpusError(
        f"formula {formula.name} {dict(formula.params)}: {reason}",
        user_message=f"公式「{formula.name}」的参数不对，请在知识库里改正这一条的 formula。",
    )


_RECIPES: Mapping[str, Callable[[Params, Reading, str], Worked | Missing]] = {
    "overdue_fee": _overdue_fee,
    "interest_free_days": _interest_free_days,
    "refund_effect": _refund_effect,
    "limit_after_repayment": _limit_after_repayment,
}
