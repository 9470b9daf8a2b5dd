"""Reading one article file of any supported format into a Document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from kb.errors import ReadError
from kb.readers.encoding import decode
from kb.readers.faults import ReaderFault, read_error
from kb.readers.files import kind_of
from kb.readers.sandbox import parse_limited
from kb.records import Document
from kb.yaml_text import parse_yaml

ARTICLE_KINDS = frozenset({"text", "html", "docx", "pdf"})
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---(?:\n|\Z)", re.DOTALL)
_TOP_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_NOT_ID = re.compile(r"[^\w\-]+")


@dataclass(frozen=True, slots=True)
class Source:
    """An article with the kind of its file, and the lines of a web page that were left out by the extractor."""

    document: Document
    kind: str
    outside: tuple[str, ...] = ()


def read_document(path: Path) -> Source:
    """Read an article; front matter gives id, title, category and date where it has one, else the file's name does.

    Raises:
        ReadError: the file cannot be read as what its extension says; the message names it and the remedy.
    """
    try:
        kind = kind_of(path)
        if kind not in ARTICLE_KINDS:
            raise ReaderFault("format", kind)
        title, text, outside = _read(kind, path)
    except ReaderFault as fault:
        raise read_error(path.name, fault) from fault
    return Source(_document(path, title, text), kind, outside)


def _read(kind: str, path: Path) -> tuple[str, str, tuple[str, ...]]:
    if kind == "text":
        text = decode(path.read_bytes())
        if not text.strip():
            raise ReaderFault("empty")
        return "", text, ()
    answer = parse_limited(kind, path)
    if not isinstance(answer, Mapping):
        raise ReaderFault("corrupt", "unexpected answer of the parser")
    return str(answer["title"]), str(answer["text"]), tuple(map(str, answer.get("outside", ())))


def _document(path: Path, title: str, text: str) -> Document:
    found = _FRONT_MATTER.match(text)
    meta = _front_matter(found.group(1), path) if found else {}
    body = text[found.end() :] if found else text
    checked_on = meta.get("checked_on")
    return Document(
        id=document_id(str(meta.get("id") or path.stem)),
        title=" ".join(str(meta.get("title") or title or first_title(body) or path.stem).split()),
        text=body,
        category=str(meta.get("category") or ""),
        checked_on=checked_on if isinstance(checked_on, date) else None,
        source=path.name,
    )


def document_id(name: str) -> str:
    """Make an id of a name: letters of any script, digits, ``_`` and ``-``, at most 60 of them."""
    return _NOT_ID.sub("-", name).strip("-")[:60] or "article"


def first_title(text: str) -> str:
    """Take the first top-level Markdown heading, else the first line when it is short enough to be a title."""
    if found := _TOP_HEADING.search(text):
        return found.group(1)
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return first if len(first) <= 60 and not first.endswith(("。", "；", "，")) else ""


def _front_matter(text: str, path: Path) -> Mapping[str, object]:
    try:
        meta = parse_yaml(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-13-45
        raise ReadError(
            f"{path.name}: {error}", user_message=f"「{path.name}」开头 --- 之间的信息读不懂，请检查冒号和引号。"
        ) from error
    return meta if isinstance(meta, Mapping) else {}
