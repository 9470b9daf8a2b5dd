"""DOCX to Markdown: heading styles become ``#`` lines, tables become rows; python-docx is imported here only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from kb.readers.archive import check_archive
from kb.readers.faults import ReaderFault

_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])\Z", re.IGNORECASE)
_TITLE = re.compile(r"(?:title|标题)\Z", re.IGNORECASE)


def parse(path: Path) -> dict[str, str]:
    """Read a DOCX into ``{"title", "text"}``; runs in the limited process.

    Raises:
        ReaderFault: no DOCX, protected, a bomb, or without text.
    """
    check_archive(path, "word/document.xml")
    document = docx.Document(str(path))
    blocks = [block for item in document.iter_inner_content() for block in _blocks(item)]
    if not any(text.strip() for _, text in blocks):
        raise ReaderFault("no_text")
    title = (
        next((text for level, text in blocks if level == 0), "") or str(document.core_properties.title or "").strip()
    )
    return {"title": title, "text": "\n\n".join(_marked(level, text) for level, text in blocks if text.strip()) + "\n"}


def _blocks(item: Paragraph | Table) -> Iterator[tuple[int | None, str]]:
    """(level, text): 0 is the title, 1–9 a heading, ``None`` body."""
    if isinstance(item, Table):
        yield None, "\n".join(_row(row.cells) for row in item.rows)
    else:
        yield _level(item), ("- " if _is_list(item) else "") + item.text.strip()


def _row(cells: tuple[object, ...]) -> str:
    """One table row; a merged cell is named once."""
    texts = [str(getattr(cell, "text", "")).strip().replace("\n", " ") for cell in cells]
    return "| " + " | ".join(text for k, text in enumerate(texts) if k == 0 or cells[k] != cells[k - 1]) + " |"


def _level(paragraph: Paragraph) -> int | None:
    name = str(paragraph.style.name or "") if paragraph.style is not None else ""
    if found := _HEADING.match(name):
        return int(found.group(1))
    return 0 if _TITLE.match(name) else None


def _is_list(paragraph: Paragraph) -> bool:
    """Word keeps the numbers of automatic lists out of the text; a dash stands for them."""
    properties = paragraph._p.pPr
    numbered = properties is not None and properties.numPr is not None
    named = paragraph.style is not None and str(paragraph.style.name or "").startswith("List ")
    return (numbered or named) and _level(paragraph) is None and bool(paragraph.text.strip())


def _marked(level: int | None, text: str) -> str:
    if level is None:
        return text
    return f"{'#' * min(level + 1, 6)} {' '.join(text.split())}"
