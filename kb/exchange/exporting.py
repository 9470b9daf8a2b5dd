"""Writing FAQ entries to files that the importer reads back to equal entries."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import yaml

from kb.errors import UsageError
from kb.readers.cells import COLUMNS, quoted, to_cells
from kb.records import Cause, FaqEntry, StructuredAnswer

FORMATS = ("xlsx", "csv", "jsonl", "yaml")
_MAX_CELL = 32_767
_RARE_BREAK = re.compile("[\x85\u2028\u2029]")


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as the corpus is written by hand."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never leave out the indent."""
        super().increase_indent(flow, False)


def _quoted_breaks(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write a text; the rare line ends of Unicode would be folded to spaces outside of double quotes."""
    style = '"' if _RARE_BREAK.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted_breaks)


def export_faq(entries: Sequence[FaqEntry], path: Path, format: str) -> None:  # noqa: A002 - the word users know
    """Write entries as ``xlsx``, ``csv`` (with a byte order mark, for Excel), ``jsonl`` or ``yaml``.

    Spreadsheets have the Chinese columns of :data:`kb.readers.cells.COLUMNS`; JSONL and YAML have the shape of
    ``corpus/faq``. The file appears whole or not at all.

    Raises:
        UsageError: the format is unknown, a text is too long for a spreadsheet cell, or the file cannot be written.
    """
    writers = {"xlsx": _xlsx, "csv": _csv, "jsonl": _jsonl, "yaml": _yaml}
    if format not in writers:
        raise UsageError(
            f"unknown format {format}", user_message=f"不支持导出为「{format}」，可选：{'、'.join(FORMATS)}。"
        )
    data = writers[format](entries)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise UsageError(
            f"cannot write {path}: {error}",
            user_message=f"无法写入 {path}：{error.strerror}。请检查路径、权限和磁盘空间。",
        ) from error


def mapping_of(entry: FaqEntry) -> dict[str, object]:
    """Write an entry as the mapping that :func:`kb.faq.entry_from` reads; default values are left out."""
    row: dict[str, object] = {
        "id": entry.id,
        "question": entry.question,
        "alternates": list(entry.alternates),
        "negatives": list(entry.negatives),
        "answer": _answer_of(entry.answer),
        "kind": entry.kind,
        "category": entry.category,
        "facts": list(entry.facts),
        "checked_on": entry.checked_on,
        "valid_until": entry.valid_until,
    }
    filled = {key: value for key, value in row.items() if value not in ("", [], None)}
    return filled if entry.enabled else filled | {"enabled": False}


def yaml_text(entries: Sequence[FaqEntry]) -> str:
    """Write entries as a YAML list in the form of ``corpus/faq/*.yaml``."""
    rows = [mapping_of(entry) for entry in entries]
    return str(yaml.dump(rows, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)) if rows else "[]\n"


def _answer_of(answer: StructuredAnswer) -> object:
    if answer == StructuredAnswer(short=answer.short):
        return answer.short
    formula = {"name": answer.formula.name, "params": dict(answer.formula.params)} if answer.formula else None
    parts = {
        "short": answer.short,
        "detail": answer.detail,
        "steps": list(answer.steps),
        "causes": [_cause_of(cause) for cause in answer.causes],
        "formula": formula,
    }
    return {key: value for key, value in parts.items() if value}


def _cause_of(cause: Cause) -> dict[str, object]:
    parts = {"text": cause.text, "next": cause.next, "when": list(cause.when)}
    return {key: value for key, value in parts.items() if value}


def _grid(entries: Sequence[FaqEntry]) -> list[list[str]]:
    """Header and rows; the column 公式 only where an entry has one."""
    rows = [list(COLUMNS), *(_row(entry) for entry in entries)]
    return rows if any(row[-1] for row in rows[1:]) else [row[:-1] for row in rows]


def _row(entry: FaqEntry) -> list[str]:
    cells = to_cells(entry)
    if any(len(cell) > _MAX_CELL for cell in cells):
        raise UsageError(
            f"{entry.id}: cell too long",
            user_message=f"「{entry.id}」有一格超过 {_MAX_CELL} 字，表格放不下；请改用 yaml 或 jsonl。",
        )
    return cells


def _csv(entries: Sequence[FaqEntry]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(_grid(entries))
    return stream.getvalue().encode("utf-8-sig")


def _xlsx(entries: Sequence[FaqEntry]) -> bytes:
    from openpyxl import Workbook  # only where a table is written: every command imports this module
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "问答"
    for row in _grid(entries):
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"  # keep ids such as 001 and dates as typed
    sheet.freeze_panes = "C2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _jsonl(entries: Sequence[FaqEntry]) -> bytes:
    lines = [quoted(_without_dates(mapping_of(entry))) for entry in entries]
    return "".join(line + "\n" for line in lines).encode()


def _without_dates(row: dict[str, object]) -> dict[str, object]:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}


def _yaml(entries: Sequence[FaqEntry]) -> bytes:
    return yaml_text(entries).encode("utf-8")
