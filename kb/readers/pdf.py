"""PDF to text: lines joined to paragraphs, page headers and numbers removed; pypdf is imported here only."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from pypdf import PasswordType, PdfReader
from pypdf.errors import PyPdfError

from kb.chunking.numbering import read_numbering
from kb.readers.faults import ReaderFault

MAX_PAGES = 2000
_PAGE_NUMBER = re.compile(r"[-—第\s]*\d+\s*(?:页|[/／]\s*\d+)?[-—\s页共]*\d*\s*页?\Z")
_SENTENCE_END = re.compile(r"[。！？!?；;：:…][”’」』）)]*\Z")


def parse(path: Path) -> dict[str, str]:
    """Read a PDF into ``{"title", "text"}``; runs in the limited process.

    Raises:
        ReaderFault: protected, damaged, too long, or a scan without text.
    """
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise ReaderFault("encrypted")
        if len(reader.pages) > MAX_PAGES:
            raise ReaderFault("resources")
        pages = [[line.strip() for line in (page.extract_text() or "").splitlines()] for page in reader.pages]
        title = str((reader.metadata.title if reader.metadata else "") or "").strip()
    except PyPdfError as error:
        raise ReaderFault("corrupt", str(error)) from error
    text = "\n".join(_paragraphs([line for page in without_margins(pages) for line in page]))
    if not text.strip():
        raise ReaderFault("scanned")
    return {"title": title, "text": text + "\n"}


def without_margins(pages: list[list[str]]) -> list[list[str]]:
    """Drop the first and last lines that most pages share but for their digits, and lone page numbers there."""
    filled = [[line for line in page if line] for page in pages]
    edges = Counter(_shape(line) for page in filled for line in {*page[:1], *page[-1:]})
    most = max(2, (len(filled) + 1) // 2)

    def is_margin(line: str) -> bool:
        return bool(_PAGE_NUMBER.match(line)) or (len(filled) > 2 and edges[_shape(line)] > most)

    trimmed = []
    for page in filled:
        start = 1 if page and is_margin(page[0]) else 0
        end = len(page) - 1 if len(page) > start and is_margin(page[-1]) else len(page)
        trimmed.append(page[start:end])
    return trimmed


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line)


def _paragraphs(lines: list[str]) -> list[str]:
    """Join a line that fills the width and ends in mid-sentence with the next one."""
    width = max((len(line) for line in lines), default=0)
    joined: list[str] = []
    open_ = False
    for line in lines:
        if open_ and read_numbering(line) is None:
            space = " " if joined[-1][-1:].isascii() and line[:1].isascii() else ""
            joined[-1] += space + line
        else:
            joined.append(line)
        open_ = len(line) >= 0.8 * width and len(line) > 15 and not _SENTENCE_END.search(line)
    return joined
