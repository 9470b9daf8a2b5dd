"""The editor's form: an entry as the fifteen texts of a spreadsheet row, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from kb.errors import CorpusError
from kb.faq import entry_from
from kb.readers.cells import COLUMNS, KIND_NAMES, from_cells, restore, to_cells
from kb.records import FaqEntry

FIELDS: Sequence[str] = tuple(COLUMNS.values())
_LABELS: Mapping[str, str] = {field: label for label, field in COLUMNS.items()}
_HINTS: Mapping[str, str] = {
    "id": "字母、数字、- 组成，保存后不能改",
    "question": "客户最常用的一句问法",
    "alternates": "每行一句，至少 6 句",
    "negatives": "每行一句：看着像、但不该用这条回答的问法",
    "short": "第一句话就给结论",
    "detail": "补充说明，可不填",
    "steps": "每行一步",
    "causes": "每行一个：原因 => 怎么办 | when: 关键词、关键词",
    "facts": "事实编号，用空格或换行分开，最多 8 个",
    "checked_on": "2026-11-23",
    "valid_until": "过了这天就该重新核对；可不填",
    "formula": '{"name": "overdue_fee", "params": {…}}',
}
_LINES: Mapping[str, int] = {"alternates": 6, "negatives": 2, "short": 2, "detail": 3, "steps": 4, "causes": 3}
_KIND_CHOICES = [(name, name) for name in KIND_NAMES.values()]


def form() -> list[Any]:
    """Lay the fields out; the components come in the order of :data:`FIELDS`."""
    made: dict[str, Any] = {}
    with gr.Row():
        made["id"], made["category"] = _text("id", scale=2), _text("category", scale=2)
        made["kind"] = gr.Dropdown(_KIND_CHOICES, label=_LABELS["kind"], min_width=110, scale=1)
        made["enabled"] = gr.Radio(["是", "否"], label=_LABELS["enabled"], min_width=140, scale=1)
    for field in ("question", "alternates", "negatives", "short", "detail", "steps", "causes"):
        made[field] = _text(field)
    with gr.Row():
        made["facts"], made["checked_on"] = _text("facts", scale=2), _text("checked_on", scale=1)
        made["valid_until"] = _text("valid_until", scale=1)
    with gr.Accordion("公式（少数条目才有）", open=False):
        made["formula"] = _text("formula")
    return [made[field] for field in FIELDS]


def texts_of(entry: FaqEntry) -> list[str]:
    """Write an entry into the fields."""
    cells = zip(FIELDS, to_cells(entry), strict=True)
    return [restore(cell).replace("\n", " ") if field == "facts" else restore(cell) for field, cell in cells]


def empty_texts(entry_id: str = "") -> list[str]:
    """Fields of a new entry."""
    values = {"id": entry_id, "kind": KIND_NAMES["definition"], "enabled": "是"}
    return [values.get(field, "") for field in FIELDS]


def entry_of(texts: Sequence[object]) -> FaqEntry:
    """Read the fields.

    Raises:
        CorpusError: a field cannot be read; the message names it.

    """
    cells = {field: str(text or "") for field, text in zip(FIELDS, texts, strict=True)}
    where = f"「{cells['id'].strip() or '新条目'}」"
    try:
        return entry_from(from_cells(cells), where)
    except ValueError as error:
        raise CorpusError(f"form: {error}", user_message=f"{where}：{error}。请改正后再保存。") from error


def _text(field: str, *, scale: int | None = None) -> gr.Textbox:
    rows = _LINES.get(field, 1)
    return gr.Textbox(
        label=_LABELS[field],
        placeholder=_HINTS.get(field, ""),
        lines=rows,
        max_lines=max(rows, 12) if rows > 1 else 1,
        max_length=60_000,
        min_width=120,
        scale=scale,
        elem_id=f"zd-field-{field}",
    )
