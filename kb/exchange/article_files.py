"""Writing an article into the corpus: front matter, Markdown headings, furniture taken out, coverage proved."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import replace
from pathlib import Path

import yaml

from kb.chunking import split
from kb.chunking.headings import find_headings
from kb.chunking.lines import lines_of
from kb.corpus import article_files, article_from, read_article
from kb.errors import CorpusError
from kb.exchange.furniture import Dropped, clean_page
from kb.readers.documents import Source
from kb.records import Document

MIN_COVERAGE = 0.99
_FACTS_LINE = re.compile(r"^\s*<!--\s*facts?\s*[:：].*?-->\s*$", re.MULTILINE)
_OUTSIDE = "正文以外（由网页提取器判定）"
# Only text that was copied from a page, or came as one, is cleaned; a written document is taken as it is.
_PAGES = frozenset({".txt", ".text", ".html", ".htm", ".xhtml"})


def article_text(source: Source, taken: Set[str]) -> tuple[str, Document, tuple[Dropped, ...]]:
    """Write a read file in the form of ``corpus/articles/*.md``.

    Args:
        source: what the reader found.
        taken: ids of FAQ entries, which an article must not have.

    Returns:
        The file's text, the document that reading it gives, and the furniture that was left out.

    Raises:
        CorpusError: there is no body, or less than 99% of it lies in chunks.
    """
    document, dropped = _cleaned(source)
    if document.id in taken:
        document = replace(document, id=f"art-{document.id}")
    written = replace(document, text=f"# {document.title}\n\n{_markdown(document)}")
    check_coverage(source.document.text, dropped, written)
    outside = tuple(Dropped(0, line, _OUTSIDE) for line in source.outside)
    return _front_matter(document) + written.text, written, (*dropped, *outside)


def parsed_article(text: str, name: str) -> Document:
    """Read an article as it shall stand in the file ``name``, front matter included.

    Raises:
        CorpusError: its front matter does not parse, there is no body, or less than 99% of it lies in chunks.
    """
    document = article_from(text, Path(name))
    check_coverage(document.text, (), document)
    return document


def find_article(folder: Path, document_id: str) -> Path | None:
    """Find the file in which an article lives."""
    return next((path for path in article_files(folder) if read_article(path).id == document_id), None)


def check_coverage(raw: str, dropped: Iterable[Dropped], document: Document) -> float:
    """Give the share of the raw non-blank characters, less the furniture, that lie in chunks or headings.

    Raises:
        CorpusError: the share is below 99%, or there is no body at all.
    """
    _, chunks = split(document)
    title_line, headings = find_headings(document.text, document.title)
    spans = [(heading.start, heading.end) for heading in headings]
    spans += [(title_line.start, title_line.end)] if title_line else []
    lines = [document.text[start:end] for start, end in spans]
    kept = [document.title, *(chunk.text for chunk in chunks), *lines]
    expected = _characters([_FACTS_LINE.sub("", raw)]) - _characters(item.text for item in dropped)
    share = (expected & _characters(kept)).total() / max(1, expected.total())
    if not chunks:
        raise CorpusError(
            f"{document.source}: no body", user_message=f"「{document.source}」去掉页面杂项后没有正文，未导入。"
        )
    if share < MIN_COVERAGE:
        raise CorpusError(
            f"{document.source}: coverage {share:.3f}",
            user_message=f"「{document.source}」只有 {share:.1%} 的正文能进入知识库（要求 99%），"
            "未导入；请检查文件的标题和格式。",
        )
    return share


def _characters(texts: Iterable[str]) -> Counter[str]:
    """Count the characters that say something: no white space, no marks of headings and bold type."""
    return Counter(char for text in texts for char in text if not char.isspace() and char not in "#*")


def _cleaned(source: Source) -> tuple[Document, tuple[Dropped, ...]]:
    document = source.document
    if Path(document.source).suffix.lower() not in _PAGES:
        return document, ()
    page = clean_page(document.text)
    return replace(document, title=" ".join(page.title.split()) or document.title, text=page.text), page.dropped


def _markdown(document: Document) -> str:
    """Mark the headings of plain text with ``#``, one level below the title; Markdown stays as it is."""
    title_line, headings = find_headings(document.text, document.title)
    levels = {heading.start: len(heading.path) for heading in headings}
    marked = []
    for line in lines_of(document.text):
        level = levels.get(line.start)
        if line != title_line:
            marked.append(
                line.text if level is None or line.text.lstrip().startswith("#") else _heading(line.text, level)
            )
    return "\n".join(marked).strip("\n") + "\n"


def _heading(text: str, level: int) -> str:
    return f"{'#' * min(level + 1, 6)} {text.strip().removeprefix('**').removesuffix('**').strip()}"


def _front_matter(document: Document) -> str:
    meta = {
        "id": document.id,
        "title": document.title,
        "category": document.category,
        "checked_on": document.checked_on,
        "source": document.source,
    }
    filled = {key: value for key, value in meta.items() if value}
    return f"---\n{yaml.safe_dump(filled, allow_unicode=True, sort_keys=False, width=10_000)}---\n"
