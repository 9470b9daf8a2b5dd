"""The raw records of YAML and JSONL files, with the line of every field and every text in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kb.errors import CorpusError
from kb.lint.findings import Place

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it stands in a file.

    ``lines`` holds the line of a field under ``(field, "")`` and of a text below it under ``(field, text)``;
    ``twice`` are the fields that are written more than once, of which YAML keeps only the last.
    """

    data: object
    place: Place
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)
    twice: tuple[str, ...] = ()

    def at(self, key: str, text: str = "") -> Place:
        """Find the place of a text of a field, or else of the field, or else of the record."""
        line = self.lines.get((key, text)) or self.lines.get((key, "")) or self.place.line
        return Place(self.place.file, line)


def read_rows(path: Path, folder: Path) -> tuple[Row, ...]:
    """Read the records of one file.

    Raises:
        CorpusError: the file is not UTF-8, does not parse, or is not a list.
    """
    file = path.relative_to(folder).as_posix()
    text = read_text(path)
    return tuple(_jsonl_rows(text, file) if path.suffix == ".jsonl" else _yaml_rows(text, file))


def read_text(path: Path) -> str:
    """Read a UTF-8 file.

    Raises:
        CorpusError: the file cannot be read or is in another encoding.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"{path}: {error}", user_message=f"读不出来：不是 UTF-8 文本，或没有权限（{error}）"
        ) from error


def _jsonl_rows(text: str, file: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield Row(json.loads(line), Place(file, number))
            except json.JSONDecodeError as error:
                raise CorpusError(
                    f"{file}:{number}: {error}", user_message=f"第 {number} 行不是合法的 JSON：{error}"
                ) from error


def _yaml_rows(text: str, file: str) -> list[Row]:
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else []
    except (yaml.YAMLError, ValueError) as error:
        raise CorpusError(f"{file}: {error}", user_message=f"读不懂：{error}。请检查缩进和引号") from error
    if not isinstance(data, list) or not isinstance(node, yaml.SequenceNode | None):
        raise CorpusError(f"{file}: not a list", user_message="最外层应为列表（每条以 - 开头）")
    return [_row(item, child, file) for item, child in zip(data, node.value if node else [], strict=True)]


def _row(data: object, node: yaml.Node, file: str) -> Row:
    place = Place(file, _line(node))
    if not isinstance(node, yaml.MappingNode):
        return Row(data, place)
    keys = [str(key.value) for key, _ in node.value]
    twice = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return Row(data, place, _lines(node), twice)


def _lines(node: yaml.MappingNode) -> dict[tuple[str, str], int]:
    lines: dict[tuple[str, str], int] = {}
    for key, value in node.value:
        lines[str(key.value), ""] = _line(key)
        for scalar in _scalars(value):
            lines.setdefault((str(key.value), str(scalar.value).strip()), _line(scalar))
    return lines


def _scalars(root: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Walk in document order; a node that aliases repeat is seen once, so that no file makes this walk long."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield node
        else:
            children = [pair[1] if isinstance(pair, tuple) else pair for pair in node.value]
            stack.extend(reversed(children))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
