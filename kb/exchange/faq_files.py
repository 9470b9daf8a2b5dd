"""Editing FAQ files in place: an entry is replaced in the file where its id lives, the rest stays as it is."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kb.errors import CorpusError
from kb.exchange.exporting import mapping_of, yaml_text
from kb.faq import entry_from
from kb.readers.cells import quoted
from kb.records import FaqEntry
from kb.yaml_text import LOADER, parse_yaml


@dataclass(frozen=True, slots=True)
class FaqFile:
    """A FAQ file: its text, its entries in order, and the span of each one in the text."""

    path: Path
    text: str
    entries: tuple[FaqEntry, ...]
    spans: tuple[tuple[int, int], ...]


def read_faq_files(folder: Path) -> tuple[FaqFile, ...]:
    """Read every FAQ file of a corpus.

    Raises:
        CorpusError: a file does not parse.
    """
    paths = [*sorted((folder / "faq").glob("*.yaml")), *sorted((folder / "faq").glob("*.jsonl"))]
    return tuple(_read(path) for path in paths)


def with_entries(
    file: FaqFile,
    changed: Mapping[str, FaqEntry],
    added: Sequence[FaqEntry] = (),
    removed: Collection[str] = (),
) -> str:
    """Give the file's new text with some entries replaced or removed, by id, and others appended.

    Where the text around them would not survive an edit in place (a list in brackets, say), the file is written anew.
    """
    wanted = [*(changed.get(entry.id, entry) for entry in file.entries if entry.id not in removed), *added]
    text = file.text
    for entry, (start, end) in reversed(list(zip(file.entries, file.spans, strict=True))):
        if entry.id in removed:
            text = text[: start - _column(text, start)] + text[end:].partition("\n")[2]
        elif entry.id in changed:
            text = text[:start] + _item(file.path, changed[entry.id], _column(text, start)) + text[end:]
    if added:
        text = (text.rstrip() + "\n" if file.entries else "") + _items(file.path, added)
    return text if _says(file.path, text, wanted) else _items(file.path, wanted)


def _read(path: Path) -> FaqFile:
    try:
        return _parse(path, path.read_text(encoding="utf-8-sig"))
    except ValueError as error:  # another encoding, a date that does not exist, broken JSON
        raise CorpusError(f"{path}: {error}", user_message=f"{path.name} 读不懂：{error}。") from error


def _parse(path: Path, text: str) -> FaqFile:
    rows = _jsonl_rows(text) if path.suffix == ".jsonl" else _yaml_rows(text, path)
    entries = tuple(entry_from(row, f"{path.name}:{number}") for number, (row, _) in enumerate(rows, 1))
    return FaqFile(path, text, entries, tuple(span for _, span in rows))


def _yaml_rows(text: str, path: Path) -> list[tuple[object, tuple[int, int]]]:
    try:
        root = yaml.compose(text, Loader=LOADER)
        data = parse_yaml(text)
    except yaml.YAMLError as error:
        raise CorpusError(
            f"{path}: {error}", user_message=f"{path.name} 读不懂：{error}。请检查缩进和引号。"
        ) from error
    if root is None:
        return []
    if not isinstance(data, list):
        raise CorpusError(f"{path}: not a list", user_message=f"{path.name} 的最外层应为列表（每条以 - 开头）。")
    return [(row, _span(text, node)) for row, node in zip(data, root.value, strict=True)]


def _span(text: str, node: yaml.Node) -> tuple[int, int]:
    """Span of an item without the blank and comment lines behind it, which belong to the next one."""
    start, end = node.start_mark.index, node.end_mark.index
    lines = text[start:end].split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return start, start + len("\n".join(lines).rstrip())


def _jsonl_rows(text: str) -> list[tuple[object, tuple[int, int]]]:
    rows: list[tuple[object, tuple[int, int]]] = []
    start = 0
    for line in text.split("\n"):
        if line.strip():
            rows.append((json.loads(line), (start, start + len(line))))
        start += len(line) + 1
    return rows


def _column(text: str, place: int) -> int:
    return place - (text.rfind("\n", 0, place) + 1)


def _item(path: Path, entry: FaqEntry, column: int) -> str:
    if path.suffix == ".jsonl":
        return _items(path, [entry]).rstrip("\n")
    lines = yaml_text([entry]).rstrip("\n").split("\n")
    return "\n".join([lines[0][2:], *((" " * (column - 2) + line) for line in lines[1:])])


def _items(path: Path, entries: Sequence[FaqEntry]) -> str:
    if path.suffix != ".jsonl":
        return yaml_text(entries)
    rows = [
        {
            key: value if isinstance(value, bool | str | list | dict) else str(value)
            for key, value in mapping_of(entry).items()
        }
        for entry in entries
    ]
    return "".join(quoted(row) + "\n" for row in rows)


def _says(path: Path, text: str, wanted: Sequence[FaqEntry]) -> bool:
    """Tell whether an edited text still parses, to just the entries wanted."""
    try:
        return list(_parse(path, text).entries) == list(wanted)
    except (CorpusError, ValueError):
        return False
