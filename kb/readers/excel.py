"""XLSX to rows of text; openpyxl is imported here and in the exporter only."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook

from kb.readers.archive import check_archive
from kb.readers.faults import ReaderFault

MAX_ROWS = 200_000
MAX_COLUMNS = 100


def parse(path: Path) -> list[list[list[str]]]:
    """Read the sheets of an XLSX as rows of cell texts; runs in the limited process.

    Raises:
        ReaderFault: no XLSX, protected, a bomb, or longer than :data:`MAX_ROWS` rows.
    """
    check_archive(path, "xl/workbook.xml")
    book = load_workbook(path, read_only=True, data_only=True)
    sheets = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # the announced size may be a lie
        rows: list[list[str]] = []
        for row in sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True):
            rows.append([_text(value) for value in row])
            if len(rows) > MAX_ROWS:
                raise ReaderFault("resources")
        sheets.append(rows)
    return sheets


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
