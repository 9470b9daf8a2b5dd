"""The things that cross a module boundary in ``assistant``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Decision = Literal["answer", "clarify", "suggest", "refuse", "handoff", "smalltalk", "privacy", "crisis"]


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer comes from.

    ``entry`` is a section id ``article#n`` with the span ``start``..``end`` of its article's text, or the FAQ id itself
    (then the span is that of ``quote``).
    """

    entry: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry with the probability that it answers the question."""

    entry: str
    facts: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Option:
    """A button under a clarifying question: what it says, and the question that pressing it asks."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply of the assistant.

    Attributes:
        decision: what kind of reply this is.
        text: Markdown in the question's script, rendered from a template.
        entries: ids of the entries answered from, best first.
        facts: facts those entries cite.
        citations: numbered sources.
        confidence: probability of the best entry, 0..1.
        understood_as: the question as understood where that differs from what was typed, else "".
        candidates: the ten best entries whatever the decision.
        followups: questions worth asking next, or the readings to choose from.
        trace: named steps with what they found, for staff and logs; plain JSON data.
    """

    decision: Decision
    text: str
    entries: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    confidence: float = 0.0
    understood_as: str = ""
    candidates: tuple[Candidate, ...] = ()
    followups: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    trace: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Plain data, as ``zhida ask --json`` and the API give it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class State:
    """What a conversation remembers; small, immutable, serialisable. One for each visitor.

    Attributes:
        entry: the entry last answered, "" before the first answer and while the last question has none.
        question: the full question (with what was inherited) that the next turn may lean on.
        offered: how many causes or steps of that entry have been offered so far.
        options: readings offered by a clarifying question that has not been answered yet.
        misses: turns in a row that asking back, or advice that was of no use, has cost.
        asked_back: whether the last reply was a clarifying question.
        typed: the words that the last answer was given to; they keep its causes in the order that they were put in.
        undo: what was typed where the last reply understood more than the words, else "".
        kept: how many turns of the history stay when that understanding is taken back.
        history: (question, entry) of the last answered turns, oldest first, for topic return and the handoff summary.
        at: time of the last turn in seconds, for expiry.
    """

    entry: str = ""
    question: str = ""
    offered: int = 0
    options: tuple[Option, ...] = ()
    misses: int = 0
    asked_back: bool = False
    typed: str = ""
    undo: str = ""
    kept: int = 0
    history: tuple[tuple[str, str], ...] = ()
    at: float = 0.0
