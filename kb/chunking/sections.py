"""From a document to its sections and chunks."""

from __future__ import annotations

import re

from kb.chunking.chunks import cut
from kb.chunking.headings import Heading, find_headings
from kb.chunking.lines import Line, lines_of
from kb.records import Chunk, Document, Section

_FACTS = re.compile(r"\s*<!--\s*facts?\s*[:：](.*?)-->\s*\Z", re.IGNORECASE)
_FACT_ID = re.compile(r"[A-Za-z]\d+")


def split(document: Document) -> tuple[tuple[Section, ...], tuple[Chunk, ...]]:
    """Read the heading tree of a document and cut its bodies into chunks.

    Section ``id#n`` is the n-th heading in order of appearance, counted from 1 (the title is not a heading); body
    before the first heading is section ``id#0`` with the document's title as its path. Chunk ``id#n.k`` is the k-th of
    section n. ``document.text[c.start:c.end] == c.text`` holds for every chunk, and every non-blank character that is
    neither a heading, the title line nor a ``<!-- facts: … -->`` line lies in exactly one chunk. Never raises.
    """
    title_line, headings = find_headings(document.text, document.title)
    lines = [line for line in lines_of(document.text) if line.text.strip() and line != title_line]
    sections: list[Section] = []
    chunks: list[Chunk] = []
    for number, heading, own in _bodies(lines, headings):
        section = _section(document, number, heading, own)
        spans = [span for low, high in _runs(own) for span in cut(document.text, low, high)]
        if number or spans:
            sections.append(section)
            chunks.extend(_chunk(document, section, k, span) for k, span in enumerate(spans, 1))
    return tuple(sections), tuple(chunks)


def _bodies(lines: list[Line], headings: tuple[Heading, ...]) -> list[tuple[int, Heading | None, list[Line]]]:
    """Each heading with its number and the lines below it; number 0 is what stands before the first heading."""
    bodies: list[tuple[int, Heading | None, list[Line]]] = [(0, None, [])]
    starts = {heading.start: heading for heading in headings}
    for line in lines:
        if line.start in starts:
            bodies.append((len(bodies), starts[line.start], []))
        else:
            bodies[-1][2].append(line)
    return bodies


def _section(document: Document, number: int, heading: Heading | None, lines: list[Line]) -> Section:
    cited = [fact for line in lines if (found := _FACTS.match(line.text)) for fact in _FACT_ID.findall(found.group(1))]
    body = [line for line in lines if not _FACTS.match(line.text)]
    edge = heading.end if heading else 0
    own_path = (document.title,) if document.title else ()
    return Section(
        id=f"{document.id}#{number}",
        document_id=document.id,
        heading_path=heading.path if heading else own_path,
        start=body[0].start if body else edge,
        end=body[-1].end if body else edge,
        facts=tuple(dict.fromkeys(fact.upper() for fact in cited)),
    )


def _runs(lines: list[Line]) -> list[tuple[int, int]]:
    """Spans of neighbouring body lines, interrupted by the lines that cite facts."""
    runs: list[tuple[int, int]] = []
    broken = True
    for line in lines:
        if _FACTS.match(line.text):
            broken = True
        elif broken:
            runs.append((line.start, line.end))
            broken = False
        else:
            runs[-1] = (runs[-1][0], line.end)
    return runs


def _chunk(document: Document, section: Section, number: int, span: tuple[int, int]) -> Chunk:
    start, end = span
    return Chunk(
        id=f"{section.id}.{number}",
        document_id=document.id,
        section_id=section.id,
        heading_path=section.heading_path,
        start=start,
        end=end,
        text=document.text[start:end],
    )
