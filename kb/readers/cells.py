"""The cells of a FAQ spreadsheet: one entry to a row, Chinese column names, lists one item to a line.

A cause is a line ``text => next | when: cue、cue`` (the parts behind ``text`` may be left out). An item that would not
survive in that form (it holds a line break, say) is written as JSON: a string in quotes, or an object for a cause.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date

from kb.records import Cause, FaqEntry, Formula

COLUMNS: dict[str, str] = {
    "编号": "id",
    "标准问": "question",
    "相似问": "alternates",
    "反例问": "negatives",
    "类型": "kind",
    "答案": "short",
    "详情": "detail",
    "步骤": "steps",
    "原因": "causes",
    "分类": "category",
    "依据": "facts",
    "核对日期": "checked_on",
    "有效期": "valid_until",
    "启用": "enabled",
    "公式": "formula",
}
"""Column name → field; 公式 holds ``{"name": …, "params": {…}}`` as JSON."""

KIND_NAMES: dict[str, str] = {
    "cause": "原因",
    "steps": "步骤",
    "definition": "定义",
    "yes_no": "是否",
    "amount": "金额",
    "comparison": "对比",
    "safety": "安全",
    "policy": "规则",
}
_KINDS = {name: kind for kind, name in KIND_NAMES.items()}
_FLAGS = {"是": True, "true": True, "1": True, "启用": True, "yes": True, "y": True} | {
    "否": False, "false": False, "0": False, "停用": False, "no": False, "n": False
}  # fmt: skip
_CAUSE = re.compile(r"(?P<text>.*?)(?:\s*=>\s*(?P<next>.*?))?(?:\s*\|\s*when[:：]\s*(?P<when>.*))?\Z")
_CUE_MARK = re.compile(r"[、，,]\s*")
_FACT_MARK = re.compile(r"[\s、，,;；]+")
_DAY = re.compile(r"(\d{4})\s*[年/.\-]?\s*(\d{1,2})\s*[月/.\-]?\s*(\d{1,2})\s*日?(?:[T ]00:00:00)?\Z")
# What a spreadsheet would run as a formula; the sign is kept behind an apostrophe.
_FORMULA_START = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
# Characters that no XML 1.0 text, and so no XLSX cell, may hold; and the carriage return, which XML makes a line feed.
_UNWRITABLE = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_cells(entry: FaqEntry) -> list[str]:
    """Write an entry as cell texts in the order of :data:`COLUMNS`; :func:`from_cells` gives an equal entry back."""
    answer = entry.answer
    values = (
        entry.id,
        entry.question,
        _join(entry.alternates),
        _join(entry.negatives),
        KIND_NAMES.get(entry.kind, entry.kind),
        answer.short,
        answer.detail,
        _join(answer.steps),
        "\n".join(map(_cause_line, answer.causes)),
        entry.category,
        "\n".join(entry.facts),
        _day_text(entry.checked_on),
        _day_text(entry.valid_until),
        "是" if entry.enabled else "否",
        _formula_text(answer.formula),
    )
    scalars = {1, 2, 6, 7, 10}  # the others are made of items that are already safe
    return [neutralise(_safe(value) if k in scalars else value) for k, value in enumerate(values, 1)]


def from_cells(cells: Mapping[str, str]) -> dict[str, object]:
    """Turn a row, field name → cell text, into the mapping that :func:`kb.faq.entry_from` takes.

    Raises:
        ValueError: a cell cannot be read; the message is Chinese and names the column.
    """
    texts = {field: restore(text).strip() for field, text in cells.items()}
    row: dict[str, object] = {field: _unsafe(texts.get(field, "")) for field in ("id", "question", "category")}
    row |= {field: _items(texts.get(field, "")) for field in ("alternates", "negatives")}
    row |= {field: _day(texts.get(field, "")) for field in ("checked_on", "valid_until")}
    kind = texts.get("kind", "")
    row["kind"] = _KINDS.get(kind, kind)
    row["facts"] = [fact for fact in _FACT_MARK.split(texts.get("facts", "")) if fact]
    row["enabled"] = _flag(texts["enabled"]) if texts.get("enabled") else ""
    row["answer"] = answer = _answer(texts)
    missing = [name for name, gone in (("标准问", not row["question"]), ("答案", _lacks_short(answer))) if gone]
    if missing:
        raise ValueError(f"缺少「{'」「'.join(missing)}」")
    return {field: value for field, value in row.items() if value not in ("", [])}


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return "'" + text if _FORMULA_START.match(text) else text


def restore(text: str) -> str:
    """Undo :func:`neutralise`."""
    return text[1:] if text.startswith("'") and _FORMULA_START.match(text) else text


def _answer(texts: Mapping[str, str]) -> object:
    parts: dict[str, object] = {
        "short": _unsafe(texts.get("short", "")),
        "detail": _unsafe(texts.get("detail", "")),
        "steps": _items(texts.get("steps", "")),
        "causes": [_cause(line) for line in texts.get("causes", "").split("\n") if line.strip()],
    }
    if formula := texts.get("formula", ""):
        parts["formula"] = _json(formula, "公式")
    filled = {name: value for name, value in parts.items() if value}
    return filled if set(filled) - {"short"} else filled.get("short", "")


def _lacks_short(answer: object) -> bool:
    """Tell whether an answer has steps or causes but not the sentence that they belong to."""
    return isinstance(answer, Mapping) and not answer.get("short")


def _join(items: Sequence[str]) -> str:
    return "\n".join(map(_item, items))


def _item(text: str) -> str:
    return quoted(text) if "\n" in text else _safe(text)


def _safe(text: str) -> str:
    """Quote a text that a cell cannot hold, or that would be taken for a quoted one."""
    in_quotes = text[:1] == text[-1:] == '"' and len(text) > 1
    return quoted(text) if in_quotes or _UNWRITABLE.search(text) else text


def quoted(value: object) -> str:
    """Write JSON, with Chinese left readable unless a character needs its escape."""
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if _UNWRITABLE.search(text) else text


def _unsafe(text: str) -> str:
    if text[:1] == text[-1:] == '"' and len(text) > 1:
        try:
            return str(json.loads(text))
        except json.JSONDecodeError:
            return text  # a quotation, not our quoting
    return text


def _items(text: str) -> list[str]:
    return [item for line in text.split("\n") if (item := _unsafe(line.strip()))]


def _cause_line(cause: Cause) -> str:
    line = cause.text + (f" => {cause.next}" if cause.next else "")
    line += f" | when: {'、'.join(cause.when)}" if cause.when else ""
    data = {"text": cause.text, "next": cause.next, "when": list(cause.when)}
    plain = "\n" not in line and not line.startswith("{") and not _UNWRITABLE.search(line) and _cause(line) == data
    return line if plain else quoted(data)


def _cause(line: str) -> dict[str, object]:
    if line.lstrip().startswith("{"):
        return dict(_json(line, "原因"))
    found = _CAUSE.match(line.strip())
    parts = found.groupdict("") if found else {"text": line, "next": "", "when": ""}
    cues = [cue for cue in _CUE_MARK.split(parts["when"]) if cue]
    return {"text": parts["text"].strip(), "next": parts["next"].strip(), "when": cues}


def _json(text: str, column: str) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"「{column}」里的 JSON 读不懂：{error}") from error
    if not isinstance(value, Mapping):
        raise ValueError(f"「{column}」应为 {{…}} 形式的 JSON")
    return value


def _formula_text(formula: Formula | None) -> str:
    return quoted({"name": formula.name, "params": dict(formula.params)}) if formula else ""


def _day_text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> str:
    """Bring 2026/1/31 and 2026年1月31日 into ISO form; anything else is left for the error to show."""
    found = _DAY.match(text)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise ValueError(f"「启用」应为 是 或 否，实际是「{text}」")
    return _FLAGS[text.lower()]
