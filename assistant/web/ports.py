"""What the web pages need of the assistant and of the history, and nothing more."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from assistant.records import Answer, State
from assistant.web.office import Office
from assistant.web.prometheus import Metrics
from kb.ranking import Ranker
from kb.search import Found
from kb.snapshot import Knowledge


class SearcherLike(Protocol):
    """The part of :class:`kb.search.Searcher` that staff search shows."""

    @property
    def ranker(self) -> Ranker:
        """The fitted ranking model."""

    def search(self, question: str, k: int = 10) -> Found:
        """Rank the knowledge for one question."""

    def search_within(self, question: str, wanted: Collection[str], k: int = 10) -> Found:
        """Rank the entries and sections with these ids."""


class AssistantLike(Protocol):
    """The part of the assistant that the pages call."""

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions to begin with."""

    @property
    def knowledge(self) -> Knowledge:
        """What can be answered with."""

    @property
    def searcher(self) -> SearcherLike:
        """The searcher behind the replies."""

    def reply(self, state: State | None, text: str, *, now: float) -> tuple[State, Answer]:
        """Answer one question of a conversation."""

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Complete a question."""


class HistoryLike(Protocol):
    """The part of :class:`assistant.history.History` that the chat calls; all raise KbError."""

    def record_turn(
        self,
        visitor: str,
        conversation: str,
        question: str,
        answer: Answer,
        *,
        at: float,
        latency_ms: float,
        version: str = "",
    ) -> int:
        """Keep one turn and return its id."""

    def feedback(self, turn_id: int, value: int, reason: str = "", *, visitor: str | None = None) -> None:
        """Rate a turn of this visitor; a second rating replaces the first."""

    def export_visitor(self, visitor: str) -> Mapping[str, object]:
        """Give all that is kept about a visitor."""

    def erase_visitor(self, visitor: str) -> int:
        """Delete all that is kept about a visitor; return the number of turns."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages work with.

    Attributes:
        assistant: gives the assistant that serves now; raises KbError, whose Chinese message the page shows, while
            there is none. Asked before every reply, so that a newly published version serves at once.
        store: the folder that keeps the accounts.
        history: where turns and ratings go, None to keep none.
        version: id of the index version that serves.
        problem: what is wrong although questions are answered, in Chinese; "" if nothing is.
        clock: wall clock in seconds since 1970.
        metrics: where replies are counted.
        office: the tools of staff and editors, None where there are none: then the pages that need them stay away.

    """

    assistant: Callable[[], AssistantLike]
    store: Path
    history: HistoryLike | None = None
    version: Callable[[], str] = lambda: ""
    problem: Callable[[], str] = lambda: ""
    clock: Callable[[], float] = time.time
    metrics: Metrics = field(default_factory=Metrics)
    office: Office | None = None


def office_of(desk: Desk) -> Office:
    """Give the tools of a page that is mounted only where there are any."""
    if desk.office is None:
        raise RuntimeError("this page needs an office")
    return desk.office
