"""What can be found: FAQ entries, article sections and boundaries, laid out as rows of text to be indexed.

A *unit* is one thing that a question can turn out to be about. Its *rows* are the texts it is found by: every question
form and exemplar is a row of its own, and so is the answer and every chunk; an answer is never mixed into a form's row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from kb.corpus import Corpus
from kb.records import Boundary, Chunk, FaqEntry, Section
from kb.text import normalise, normalise_all


class UnitKind(IntEnum):
    """What a unit is."""

    FAQ = 0
    SECTION = 1
    BOUNDARY = 2


class Role(IntEnum):
    """What a row is to its unit."""

    FORM = 0
    TEXT = 1
    NEGATIVE = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """One retrievable thing. ``label`` is the standard question, the heading, or the boundary's kind."""

    id: str
    kind: UnitKind
    label: str
    facts: tuple[str, ...] = ()
    category: str = ""
    expect: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One indexed text: ``text`` is normalised, ``unit`` is the unit's position."""

    unit: int
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Units and their rows, in an order that depends on the corpus alone."""

    units: tuple[Unit, ...]
    rows: tuple[Row, ...]


def lay_out(corpus: Corpus) -> Layout:
    """List the units of a corpus with their rows; duplicates of a text within a unit are dropped."""
    found = list(_units(corpus))
    normal = iter(normalise_all([text for _, texts in found for _, text in texts]))
    rows: list[Row] = []
    for position, (_, texts) in enumerate(found):
        distinct = dict.fromkeys((role, next(normal)) for role, _ in texts)
        rows.extend(Row(position, role, text) for role, text in distinct if text)
    return Layout(tuple(unit for unit, _ in found), tuple(rows))


def _units(corpus: Corpus) -> Iterator[tuple[Unit, list[tuple[Role, str]]]]:
    """Units with their texts as they were written."""
    for entry in corpus.active:
        yield _faq_unit(entry), list(_faq_texts(entry))
    for section, chunks in _sections(corpus.sections, corpus.chunks):
        yield _section_unit(section), [(Role.TEXT, _with_path(chunk)) for chunk in chunks]
    for boundary in corpus.boundaries:
        yield _boundary_unit(boundary), [(Role.FORM, text) for text in boundary.exemplars]


def _faq_unit(entry: FaqEntry) -> Unit:
    return Unit(entry.id, UnitKind.FAQ, entry.question, entry.facts, entry.category)


def _faq_texts(entry: FaqEntry) -> Iterator[tuple[Role, str]]:
    for form in entry.forms:
        yield Role.FORM, form
    yield Role.TEXT, f"{entry.answer.short} {entry.answer.detail}"
    for form in entry.negatives:
        yield Role.NEGATIVE, form


def _section_unit(section: Section) -> Unit:
    return Unit(section.id, UnitKind.SECTION, " / ".join(section.heading_path), section.facts)


def _boundary_unit(boundary: Boundary) -> Unit:
    return Unit(boundary.id, UnitKind.BOUNDARY, boundary.kind, expect=boundary.expect)


def chunk_text(chunk: Chunk) -> str:
    """What is embedded for a chunk: its heading path, then its text."""
    return normalise(_with_path(chunk))


def _with_path(chunk: Chunk) -> str:
    return " ".join((*chunk.heading_path, chunk.text))


def _sections(sections: Sequence[Section], chunks: Iterable[Chunk]) -> Iterator[tuple[Section, list[Chunk]]]:
    by_section: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        by_section.setdefault(chunk.section_id, []).append(chunk)
    for section in sections:
        if section.id in by_section:
            yield section, by_section[section.id]
