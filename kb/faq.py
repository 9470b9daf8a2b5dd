"""FAQ and boundary records from plain mappings (parsed YAML, JSONL or table rows), with every fault named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from kb.errors import CorpusError
from kb.records import Boundary, Cause, FaqEntry, Formula, StructuredAnswer

KINDS = ("cause", "steps", "definition", "yes_no", "amount", "comparison", "safety", "policy")
EXPECTS = ("refuse", "handoff", "smalltalk", "privacy", "crisis", "clarify")
FORMULAS = ("overdue_fee", "interest_free_days", "refund_effect", "limit_after_repayment")
MAX_FACTS = 8

_ENTRY_KEYS = frozenset(
    "id question alternates negatives answer kind category facts checked_on valid_until enabled".split()
)
_ANSWER_KEYS = frozenset("short detail steps causes formula".split())


def entry_from(data: object, where: str) -> FaqEntry:
    """Build an entry from a mapping.

    Args:
        data: keys as in ``corpus/faq/*.yaml``; only ``id`` and ``question`` are required.
        where: file and row, for the error.

    Raises:
        CorpusError: a key is unknown or a value has the wrong shape.
    """
    row = _mapping(data, where, _ENTRY_KEYS)
    kind = _text(row, "kind", where) or "definition"
    if kind not in KINDS:
        raise _fault(where, f"类型「{kind}」不认识，应为 {'、'.join(KINDS)} 之一")
    facts = _texts(row, "facts", where)
    if len(facts) > MAX_FACTS:
        raise _fault(where, f"依据有 {len(facts)} 条，最多 {MAX_FACTS} 条")
    return FaqEntry(
        id=_required(row, "id", where),
        question=_required(row, "question", where),
        answer=answer_from(row.get("answer", ""), where),
        alternates=_texts(row, "alternates", where),
        negatives=_texts(row, "negatives", where),
        kind=kind,
        category=_text(row, "category", where),
        facts=facts,
        checked_on=_day(row, "checked_on", where),
        valid_until=_day(row, "valid_until", where),
        enabled=_flag(row, "enabled", where),
    )


def answer_from(data: object, where: str) -> StructuredAnswer:
    """Build a structured answer; a plain string is its ``short`` part."""
    if data is None or isinstance(data, str):
        return StructuredAnswer(short=(data or "").strip())
    row = _mapping(data, where, _ANSWER_KEYS)
    causes = row.get("causes") or []
    if not isinstance(causes, Sequence) or isinstance(causes, str):
        raise _fault(where, "causes 应为列表")
    return StructuredAnswer(
        short=_required(row, "short", where),
        detail=_text(row, "detail", where),
        steps=_texts(row, "steps", where),
        causes=tuple(_cause(cause, where) for cause in causes),
        formula=_formula(row.get("formula"), where),
    )


def boundary_from(data: object, where: str) -> Boundary:
    """Build a boundary record.

    Raises:
        CorpusError: ``expect`` is unknown or there is no exemplar.
    """
    row = _mapping(data, where, frozenset({"id", "kind", "expect", "exemplars"}))
    expect = _required(row, "expect", where)
    if expect not in EXPECTS:
        raise _fault(where, f"expect「{expect}」不认识，应为 {'、'.join(EXPECTS)} 之一")
    exemplars = _texts(row, "exemplars", where)
    if not exemplars:
        raise _fault(where, "没有例句（exemplars）")
    return Boundary(_required(row, "id", where), _required(row, "kind", where), expect, exemplars)


def _cause(data: object, where: str) -> Cause:
    row = _mapping(data, where, frozenset({"text", "next", "when"}))
    return Cause(_required(row, "text", where), _text(row, "next", where), _texts(row, "when", where))


def _formula(data: object, where: str) -> Formula | None:
    if data is None:
        return None
    row = _mapping(data, where, frozenset({"name", "params"}))
    name = _required(row, "name", where)
    if name not in FORMULAS:
        raise _fault(where, f"公式「{name}」不在清单里：{'、'.join(FORMULAS)}")
    params = row.get("params") or {}
    if not isinstance(params, Mapping):
        raise _fault(where, "公式的 params 应为键值对")
    return Formula(name, dict(params))


def _fault(where: str, reason: str) -> CorpusError:
    return CorpusError(f"{where}: {reason}", user_message=f"{where}：{reason}。请改正后重试。")


def _mapping(data: object, where: str, keys: frozenset[str]) -> Mapping[str, object]:
    if not isinstance(data, Mapping):
        raise _fault(where, f"应为键值对，实际是 {type(data).__name__}")
    unknown = sorted(str(key) for key in data if key not in keys)
    if unknown:
        raise _fault(where, f"不认识的字段：{'、'.join(unknown)}")
    return data


def _text(row: Mapping[str, object], key: str, where: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if isinstance(value, str | int | float | date) and not isinstance(value, bool):
        return str(value).strip()
    raise _fault(where, f"「{key}」应为文字")


def _required(row: Mapping[str, object], key: str, where: str) -> str:
    value = _text(row, key, where)
    if not value:
        raise _fault(where, f"缺少「{key}」")
    return value


def _texts(row: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    value = row.get(key)
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _fault(where, f"「{key}」应为列表")
    if not all(isinstance(item, str | int | float) and not isinstance(item, bool) for item in value):
        raise _fault(where, f"「{key}」的每一项应为文字（含 : 或 # 时请加引号）")
    return tuple(dict.fromkeys(text for item in value if (text := str(item).strip())))


def _day(row: Mapping[str, object], key: str, where: str) -> date | None:
    value = row.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise _fault(where, f"「{key}」应为 2026-01-31 这样的日期，实际是「{value}」") from error


def _flag(row: Mapping[str, object], key: str, where: str) -> bool:
    value = row.get(key, True)
    if isinstance(value, bool):
        return value
    raise _fault(where, f"「{key}」应为 true 或 false")
