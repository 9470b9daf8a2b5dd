"""What the staff's pages work with besides the assistant: drafts, publishing, marks, history, evaluations."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.editing.desk import lay_out
from assistant.editing.drafts import Drafts
from assistant.editing.feedback import Feedback
from assistant.editing.ledger import Ledger
from assistant.editing.publishing import Publisher
from assistant.editing.shelf import Shelf
from assistant.evaluation import RunHistory
from assistant.history import Turn
from kb.errors import KbError
from kb.search import Searcher
from kb.workspace import Workspace

_REPLAYED = 200


class Turns(Protocol):
    """The part of :class:`assistant.history.History` that staff read; both raise KbError."""

    def recent(self, limit: int = 100) -> list[Turn]:
        """Give the newest turns, newest first."""

    def since(self, at: float, limit: int = 50_000) -> list[Turn]:
        """Give turns since a time, newest first."""


@dataclass(frozen=True, slots=True)
class Office:
    """The tools behind the staff's pages.

    Attributes:
        workspace: corpus, store and model; used for builds, never for replies.
        history: what customers asked.
        searcher: gives the one of the version that serves; raises KbError while there is none.
        shelf, ledger, drafts, publisher, feedback: see :mod:`assistant.editing`.
        runs: evaluations that were kept.
        clock: wall clock in seconds since 1970.

    """

    workspace: Workspace
    history: Turns
    searcher: Callable[[], Searcher]
    shelf: Shelf
    ledger: Ledger
    drafts: Drafts
    publisher: Publisher
    feedback: Feedback
    runs: RunHistory
    clock: Callable[[], float] = time.time

    @property
    def corpus(self) -> Path:
        """The corpus folder."""
        return self.workspace.corpus_folder


def open_office(
    workspace: Workspace, history: Turns, searcher: Callable[[], Searcher], clock: Callable[[], float] = time.time
) -> Office:
    """Lay the tools of one workspace out; nothing is opened before it is used."""
    tools = lay_out(workspace, lambda: _asked(history), clock)
    return Office(
        workspace,
        history,
        searcher,
        tools.shelf,
        tools.ledger,
        tools.drafts,
        tools.publisher,
        Feedback(tools.ledger, clock),
        RunHistory(workspace.store.folder / "runs"),
        clock,
    )


def _asked(history: Turns) -> Sequence[str]:
    """The most recent different questions; none while the history is out of reach, which the health check shows."""
    try:
        turns = history.recent(5 * _REPLAYED)
    except KbError:
        return ()
    return list(dict.fromkeys(turn.question for turn in turns))[:_REPLAYED]
