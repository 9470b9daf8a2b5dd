"""The things that cross a module boundary in ``kb``: one frozen, slotted dataclass for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Document:
    """A text with a heading structure: an article of the corpus or an imported file.

    ``text`` is the raw source that every span (:class:`Section`, :class:`Chunk`) points into.
    """

    id: str
    title: str
    text: str
    category: str = ""
    checked_on: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a document with the body that stands directly under it.

    ``start``/``end`` are character offsets of the body in ``Document.text``; ``facts`` are the ids its body cites.
    """

    id: str
    document_id: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a section, small enough to embed: ``document.text[start:end] == text``."""

    id: str
    document_id: str
    section_id: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One possible cause with its remedy; ``when`` are cues in a question that make it the likely one."""

    text: str
    next: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """A computation named from a closed list, with its parameters as data; never evaluated text."""

    name: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StructuredAnswer:
    """The one answer of an entry, in the parts that templates arrange."""

    short: str
    detail: str = ""
    steps: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    formula: Formula | None = None

    def text(self) -> str:
        """All prose of the answer in reading order: what is embedded and linted."""
        causes = [part for cause in self.causes for part in (cause.text, cause.next)]
        return "\n".join(part for part in (self.short, self.detail, *self.steps, *causes) if part)


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """A standard question with its other forms, counter-examples and one answer."""

    id: str
    question: str
    answer: StructuredAnswer
    alternates: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    kind: str = "definition"
    category: str = ""
    facts: tuple[str, ...] = ()
    checked_on: date | None = None
    valid_until: date | None = None
    enabled: bool = True

    @property
    def forms(self) -> tuple[str, ...]:
        """Standard question first, then the alternates."""
        return (self.question, *self.alternates)


@dataclass(frozen=True, slots=True)
class Boundary:
    """Exemplars of what must not be answered as knowledge, and the decision they call for."""

    id: str
    kind: str
    expect: str
    exemplars: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the fact sheet."""

    id: str
    text: str
    confidence: str = ""
    policy: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate entry for one question with the one probability that it answers it.

    ``entry`` is a FAQ id or a section id ``article#n``; ``features`` are the named numbers the probability was computed
    from; ``form`` is the question form or chunk that matched best.
    """

    entry: str
    probability: float
    facts: tuple[str, ...]
    form: str
    features: Mapping[str, float]
