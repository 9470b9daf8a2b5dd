"""What can be found: FAQ entries, article sections and boundaries, laid out as rows of text to be indexed.

A *unit* is one thing that a question can turn out to be about. Its *rows* are the texts it is found by: every question
form and exemplar is a row of its own, and so is the answer and every chunk; an answer is never mixed into a form's row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from kb.corpus import Corpus
from kb.records import Boundary, Chunk, FaqEntry, Section
from kb.text import NORMAL_FORM, normalise_all


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


Text = tuple[Role, str]


@dataclass(frozen=True, slots=True)
class Unit:
    """One retrievable thing. ``label`` is the standard question, the heading, or the boundary's kind.

    ``written`` is a digest of its texts as the corpus has them: where it is the same, so are the rows.
    """

    id: str
    kind: UnitKind
    label: str
    facts: tuple[str, ...] = ()
    category: str = ""
    expect: str = ""
    written: str = field(default="", compare=False)


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


class LaidOut:
    """The rows of an earlier layout, found again by what their units were made from.

    Args:
        units: of that layout.
        starts: where the rows of each unit begin, and where those of the last one end.
        roles, texts: of all rows.
    """

    def __init__(
        self, units: Sequence[Unit], starts: Sequence[int], roles: Sequence[Role], texts: Sequence[str]
    ) -> None:
        spans = zip(units, starts, starts[1:], strict=False)
        self._spans = {unit.written: slice(start, end) for unit, start, end in spans if unit.written}
        self._roles, self._texts = roles, texts

    def rows(self, written: str) -> list[Text] | None:
        """Role and normal form of each row of the unit that was made from these texts; None if there was none."""
        span = self._spans.get(written)
        return None if span is None else list(zip(self._roles[span], self._texts[span], strict=True))


def lay_out(corpus: Corpus, before: LaidOut | None = None) -> Layout:
    """List the units of a corpus with their rows; duplicates of a text within a unit are dropped.

    Args:
        corpus: what to lay out.
        before: rows that need not be normalised again: that takes longer than all the rest.
    """
    found = [(replace(unit, written=_digest(texts)), texts) for unit, texts in _units(corpus)]
    known = [before.rows(unit.written) if before else None for unit, _ in found]
    fresh = [text for (_, texts), same in zip(found, known, strict=True) if same is None for _, text in texts]
    normal = iter(normalise_all(fresh))
    rows: list[Row] = []
    for position, ((_, texts), same) in enumerate(zip(found, known, strict=True)):
        distinct = dict.fromkeys((role, next(normal)) for role, _ in texts) if same is None else same
        rows.extend(Row(position, role, text) for role, text in distinct if text)
    return Layout(tuple(unit for unit, _ in found), tuple(rows))


def _digest(texts: Sequence[Text]) -> str:
    whole = "".join([NORMAL_FORM, *(f"\n{role:d} {len(text)} {text}" for role, text in texts)])
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def _units(corpus: Corpus) -> Iterator[tuple[Unit, list[Text]]]:
    """Units with their texts as they were written."""
    for entry in corpus.active:
        yield _faq_unit(entry), list(_faq_texts(entry))
    for section, chunks in _sections(corpus.sections, corpus.chunks):
        yield _section_unit(section), [(Role.TEXT, _with_path(chunk)) for chunk in chunks]
    for boundary in corpus.boundaries:
        yield _boundary_unit(boundary), [(Role.FORM, text) for text in boundary.exemplars]


def _faq_unit(entry: FaqEntry) -> Unit:
    return Unit(entry.id, UnitKind.FAQ, entry.question, entry.facts, entry.category)


def _faq_texts(entry: FaqEntry) -> Iterator[Text]:
    for form in entry.forms:
        yield Role.FORM, form
    yield Role.TEXT, f"{entry.answer.short} {entry.answer.detail}"
    for form in entry.negatives:
        yield Role.NEGATIVE, form


def _section_unit(section: Section) -> Unit:
    return Unit(section.id, UnitKind.SECTION, " / ".join(section.heading_path), section.facts)


def _boundary_unit(boundary: Boundary) -> Unit:
    return Unit(boundary.id, UnitKind.BOUNDARY, boundary.kind, expect=boundary.expect)


def _with_path(chunk: Chunk) -> str:
    return " ".join((*chunk.heading_path, chunk.text))


def _sections(sections: Sequence[Section], chunks: Iterable[Chunk]) -> Iterator[tuple[Section, list[Chunk]]]:
    by_section: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        by_section.setdefault(chunk.section_id, []).append(chunk)
    for section in sections:
        if section.id in by_section:
            yield section, by_section[section.id]
