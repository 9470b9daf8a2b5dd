"""The cited passage, highlighted where it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from assistant.records import Citation
from assistant.web.markup import button, escape
from kb.records import Document, FaqEntry
from kb.snapshot import Knowledge

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})\s+")
_LINE = re.compile(r"[^\n]*\n?")


def checked_on(knowledge: Knowledge) -> date | None:
    """Give the day on which most of the knowledge was last checked, None if none says so."""
    documents = [document.checked_on for document in knowledge.documents]
    known = Counter(day for day in (*documents, *(entry.checked_on for entry in knowledge.entries)) if day is not None)
    return known.most_common(1)[0][0] if known else None


def source_panel(citation: Citation, number: int, knowledge: Knowledge) -> str:
    """HTML of the article or entry that a citation points into, all of it escaped, the passage in ``<mark>``."""
    document = knowledge.document_by_id.get(citation.entry.partition("#")[0])
    entry = knowledge.entry_by_id.get(citation.entry)
    if document is not None:
        return _panel(f"[{number}] {document.title}", _dated(document), _article(document, citation))
    if entry is not None:
        return _panel(f"[{number}] {entry.question}", "常见问题", _entry(entry, citation.quote))
    return _panel(f"[{number}] 出处已更新", "", "<p>这条资料已不在当前的知识库里，请重新提问以获得最新答案。</p>")


def _panel(title: str, note: str, body: str) -> str:
    close = button("close", "关闭", css="zd-link")
    head = f'<header><h2 tabindex="-1">{escape(title)}</h2>{close}</header>'
    return (
        f'<section class="zd-source" aria-label="资料来源">{head}<p class="zd-note">{escape(note)}</p>{body}</section>'
    )


def _dated(document: Document) -> str:
    checked = f"，核对于 {document.checked_on.isoformat()}" if document.checked_on else ""
    return f"知识库文章{checked}"


def _article(document: Document, citation: Citation) -> str:
    start, end = _span(document.text, citation)
    hidden = [found.span() for pattern in (_FRONT_MATTER, _COMMENT) for found in pattern.finditer(document.text)]
    lines = (_line(document.text, at, stop, start, end) for at, stop in _visible_lines(document.text, hidden))
    return "".join(lines)


def _span(text: str, citation: Citation) -> tuple[int, int]:
    """Where the passage stands now; an article may have changed since it was cited."""
    if text[citation.start : citation.end] == citation.quote:
        return citation.start, citation.end
    at = text.find(citation.quote) if citation.quote else -1
    return (at, at + len(citation.quote)) if at >= 0 else (0, 0)


def _visible_lines(text: str, hidden: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for found in _LINE.finditer(text):
        start, end = found.start(), found.start() + len(found.group().rstrip("\n"))
        if text[start:end].strip() and not any(at <= start and end <= stop for at, stop in hidden):
            yield start, end


def _line(text: str, at: int, stop: int, start: int, end: int) -> str:
    heading = _HEADING.match(text[at:stop])
    at += heading.end() if heading else 0
    css = f"zd-h{min(len(heading.group(1)), 4)}" if heading else "zd-line"
    first, last = max(at, min(start, stop)), max(at, min(end, stop))
    marked = f"<mark>{escape(text[first:last])}</mark>" if first < last else ""
    rest = text[last:stop] if marked else text[first:stop]
    return f'<p class="{css}">{escape(text[at:first])}{marked}{escape(rest)}</p>'


def _entry(entry: FaqEntry, quote: str) -> str:
    parts = [part for part in entry.answer.text().split("\n") if part.strip()]
    return "".join(f'<p class="zd-line">{_marked(part, part in quote or quote in part)}</p>' for part in parts)


def _marked(text: str, cited: bool) -> str:
    return f"<mark>{escape(text)}</mark>" if cited else escape(text)
