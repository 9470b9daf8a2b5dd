"""Reading FAQ tables (YAML, CSV, XLSX, JSONL) row by row; a bad row is reported and loses no good one."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kb.errors import CorpusError, ReadError
from kb.faq import entry_from
from kb.readers.cells import COLUMNS, from_cells
from kb.readers.encoding import decode
from kb.readers.faults import ReaderFault, read_error
from kb.readers.files import kind_of
from kb.readers.sandbox import parse_limited
from kb.records import FaqEntry
from kb.text import exact_key
from kb.yaml_text import parse_yaml

TABLE_KINDS = frozenset({"yaml", "csv", "xlsx", "jsonl"})
# Other names that people give to the same columns.
_ALIASES = COLUMNS | {
    "标准问题": "question", "问题": "question", "question": "question", "id": "id", "ID": "id",
    "相似问题": "alternates", "相似问法": "alternates", "alternates": "alternates", "negatives": "negatives",
    "回答": "short", "answer": "short", "类别": "category", "category": "category", "kind": "kind", "facts": "facts",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was not taken over: its number in the file (the header is row 1) and the reason in Chinese."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class FaqTable:
    """The good rows of a table with their numbers, and the bad ones; ``given`` are the fields stated, by entry id."""

    entries: tuple[tuple[int, FaqEntry], ...]
    faults: tuple[RowFault, ...]
    given: Mapping[str, frozenset[str]]


def read_table(path: Path) -> FaqTable:
    """Read a FAQ table.

    Columns or keys are Chinese (:data:`kb.readers.cells.COLUMNS`) or those of ``corpus/faq/*.yaml``. A row without 编号
    gets an id made of its question.

    Raises:
        ReadError: the file as a whole cannot be read, or has no column 标准问; the message names it and the remedy.
    """
    try:
        kind = kind_of(path)
        if kind not in TABLE_KINDS:
            raise ReaderFault("format", kind)
        rows = list(_rows(kind, path))
    except ReaderFault as fault:
        raise read_error(path.name, fault) from fault
    if not rows:
        raise read_error(path.name, ReaderFault("empty"))
    return _entries(rows, path.name)


def _rows(kind: str, path: Path) -> Iterator[tuple[int, object]]:
    """Yield number and content of each row: a mapping, or the :class:`ValueError` that it raised."""
    if kind == "xlsx":
        sheets = parse_limited("xlsx", path)
        yield from _sheets(sheets if isinstance(sheets, list) else [])
    elif kind == "csv":
        yield from _grid(_csv_grid(decode(path.read_bytes(), lenient=True)))
    elif kind == "jsonl":
        for number, line in enumerate(decode(path.read_bytes(), lenient=True).split("\n"), 1):
            if line.strip():
                yield number, _json_row(line)
    else:
        yield from enumerate(_yaml_rows(path), 1)


def _sheets(sheets: Sequence[Sequence[Sequence[str]]]) -> Iterator[tuple[int, object]]:
    """Read the sheets that have a header; a workbook may hold notes besides."""
    with_header = [sheet for sheet in sheets if _header_row(sheet) is not None]
    if not with_header:
        raise ReaderFault("no_header" if any(any(map(any, sheet)) for sheet in sheets) else "empty")
    for sheet in with_header:
        yield from _grid(list(enumerate(sheet, 1)))


def _csv_grid(text: str) -> list[tuple[int, Sequence[str]]]:
    """Rows with the number of their first line; cells may hold line breaks."""
    if not text.strip():
        raise ReaderFault("empty")
    first = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    grid: list[tuple[int, Sequence[str]]] = []
    try:
        for number, row in enumerate(reader, 1):
            grid.append((number, row))
    except csv.Error as error:
        raise ReaderFault("corrupt", str(error)) from error
    return grid


def _grid(rows: Sequence[tuple[int, Sequence[str]]]) -> Iterator[tuple[int, object]]:
    header = _header_row([row for _, row in rows])
    if header is None:
        raise ReaderFault("no_header")
    fields = [_ALIASES.get(name.strip().lstrip("\ufeff"), "") for name in rows[header][1]]
    for number, row in rows[header + 1 :]:
        cells = {field: text for field, text in zip(fields, row, strict=False) if field}
        if any(text.strip() for text in row):
            yield number, _converted(cells)


def _header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Index of the header among the first rows; a title line may stand above it."""
    for index, row in enumerate(rows[:10]):
        if "question" in [_ALIASES.get(name.strip().lstrip("\ufeff")) for name in row]:
            return index
    return None


def _converted(cells: Mapping[str, str]) -> object:
    try:
        return from_cells(cells)
    except ValueError as error:
        return error


def _json_row(line: str) -> object:
    try:
        return json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        return ValueError(f"不是合法的 JSON：{error}")


def _yaml_rows(path: Path) -> list[object]:
    try:
        data = parse_yaml(decode(path.read_bytes(), lenient=True))
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date such as 2026-13-45
        raise ReadError(
            f"{path.name}: {error}", user_message=f"「{path.name}」不是合法的 YAML：{error}。请检查缩进和引号。"
        ) from error
    if data is None:
        raise ReaderFault("empty")
    if not isinstance(data, list):
        raise ReadError(f"{path.name}: not a list", user_message=f"「{path.name}」的最外层应为列表（每条以 - 开头）。")
    return data


def _entries(rows: Sequence[tuple[int, object]], name: str) -> FaqTable:
    entries: list[tuple[int, FaqEntry]] = []
    faults: list[RowFault] = []
    seen: dict[str, int] = {}
    given: dict[str, frozenset[str]] = {}
    for number, row in rows:
        try:
            entry, stated = _entry(row, f"{name} 第 {number} 行")
        except ValueError as error:
            faults.append(RowFault(number, str(error)))
            continue
        except CorpusError as error:
            faults.append(RowFault(number, error.user_message))
            continue
        if entry.id in seen:
            faults.append(RowFault(number, f"编号「{entry.id}」与第 {seen[entry.id]} 行重复"))
        else:
            seen[entry.id] = number
            given[entry.id] = stated
            entries.append((number, entry))
    return FaqTable(tuple(entries), tuple(faults), given)


def _entry(row: object, where: str) -> tuple[FaqEntry, frozenset[str]]:
    """Build the entry of a row; name the fields that the row states."""
    if isinstance(row, ValueError):
        raise row
    if isinstance(row, Mapping):
        row = _in_our_keys(row)
        if not row.get("id") and isinstance(row.get("question"), str):
            row = {**row, "id": question_id(str(row["question"]))}
    entry = entry_from(row, where)
    words = "".join((*entry.forms, *entry.negatives, entry.id, entry.category, entry.answer.text()))
    if "\ufffd" in words:
        raise ValueError("有损坏的字符（编码错误），请核对原文")
    try:
        words.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("含有不成对的代理字符，无法保存") from error
    stated = (key for key, value in row.items() if value not in (None, "")) if isinstance(row, Mapping) else ()
    return entry, frozenset(map(str, stated))


def _in_our_keys(row: Mapping[object, object]) -> dict[str, object]:
    """Chinese keys become cells and are read like a spreadsheet's row; our own keys are left as they are."""
    if not any(key in COLUMNS for key in row):
        return {str(key): value for key, value in row.items()}
    unknown = [str(key) for key in row if key not in _ALIASES]
    if unknown:
        raise ValueError(f"不认识的字段：{'、'.join(unknown)}")
    return from_cells({_ALIASES[str(key)]: _cell(value) for key, value in row.items()})


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "\n".join(
            json.dumps(item) if isinstance(item, Mapping) or "\n" in str(item) else str(item) for item in value
        )
    return json.dumps(value) if isinstance(value, Mapping) else str(value)


def question_id(question: str) -> str:
    """Make an id of the question alone, so that the same table imported twice gives the same entries."""
    return "q-" + hashlib.sha256((exact_key(question) or question).encode("utf-8", "replace")).hexdigest()[:12]
