"""HTML to Markdown; trafilatura is imported here only."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import trafilatura

from kb.readers.encoding import decode
from kb.readers.faults import ReaderFault

_BLOCKS = frozenset("p div section article li tr h1 h2 h3 h4 h5 h6 blockquote pre br ul ol table header footer".split())
_NOT_WORD = re.compile(r"[\W_]+")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "nav", "head"})


def parse(path: Path) -> dict[str, object]:
    """Read a page into ``{"title", "text", "outside"}``; runs in the limited process.

    The extractor is told to prefer precision and to keep headings. A page of which it leaves out more than it takes
    (a short one, say) is read whole, block by block, and left to :mod:`kb.exchange.furniture`.

    Raises:
        ReaderFault: no text, or an unknown encoding.
    """
    source = decode(path.read_bytes())
    text = trafilatura.extract(
        source, output_format="markdown", favor_precision=True, include_formatting=True, include_comments=False
    )
    visible = _visible(source)
    body = str(text or "").strip()
    outside = _outside(visible, body)
    if sum(map(len, outside)) > len(body):
        body, outside = "\n".join(visible).strip(), []
    if not body:
        raise ReaderFault("no_text")
    metadata = trafilatura.extract_metadata(source)
    return {"title": str((metadata.title if metadata else "") or ""), "text": body + "\n", "outside": outside}


def _outside(visible: list[str], body: str) -> list[str]:
    """List the visible lines that the extractor left out."""
    words = _NOT_WORD.sub("", body)
    return [line.lstrip("# ") for line in visible if _NOT_WORD.sub("", line) not in words]


class _VisibleText(HTMLParser):
    """Collects the visible text of a page, one block to a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [""]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Begin a line at a block; headings get their Markdown mark."""
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.lines.append("#" * int(tag[1]) + " " if tag in _HEADINGS else "")

    def handle_endtag(self, tag: str) -> None:
        """End the line of a block."""
        self._silent = max(0, self._silent - (tag in _SILENT))
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        """Collect the words."""
        if not self._silent:
            self.lines[-1] += " ".join(data.split())


def _visible(source: str) -> list[str]:
    parser = _VisibleText()
    parser.feed(source)
    parser.close()
    return [line for line in parser.lines if line.strip("# ")]
