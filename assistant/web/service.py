"""What the HTTP interface does, without the web framework: ask, search, rate, suggest, health, version."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from assistant.dialogue.state_codec import decode_state, encode_state
from assistant.history import History
from assistant.records import Answer, State
from assistant.web.api_errors import ApiError
from assistant.web.health import Health
from assistant.web.preview import preview
from assistant.web.prometheus import Metrics
from assistant.web.recording import Recording
from assistant.web.sessions import Sessions
from kb.records import Hit
from kb.search import Found
from kb.snapshot import Knowledge


class Searching(Protocol):
    """The part of :class:`kb.search.Searcher` that the interface calls."""

    def search(self, question: str, k: int = 10) -> Found:
        """Rank the knowledge for one question."""

    def search_anew(self, question: str, k: int = 10) -> Found:
        """Rank the knowledge for one question, whatever is remembered."""


class Answering(Protocol):
    """The part of the assistant that the interface calls."""

    @property
    def knowledge(self) -> Knowledge:
        """What can be answered with."""

    @property
    def searcher(self) -> Searching:
        """The searcher behind the replies."""

    def reply(self, state: State | None, text: str, *, now: float) -> tuple[State, Answer]:
        """Answer one question of a conversation."""

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Complete a question."""


@dataclass(frozen=True, slots=True)
class Backend:
    """What the interface works with.

    Attributes:
        assistant: gives the assistant that serves now; raises KbError while there is none.
        history: where turns and ratings go, None to keep none.
        version: id of the index version that serves.
        checks: name of a part ("index", "model", …) → says in Chinese what is wrong with it, "" if nothing is;
            e.g. ``{"index": workspace.stale}``. What they report leaves the service usable.
        clock: wall clock in seconds since 1970.

    """

    assistant: Callable[[], Answering]
    history: History | None = None
    version: Callable[[], str] = lambda: ""
    checks: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    clock: Callable[[], float] = time.time


class Service:
    """The interface's actions; safe to share between threads. ``owner`` names the API key, "" without keys."""

    def __init__(self, backend: Backend, *, sessions: Sessions | None = None, metrics: Metrics | None = None) -> None:
        self._backend = backend
        self._sessions = Sessions() if sessions is None else sessions  # without any open, they are false
        self.metrics = metrics or Metrics()
        self._recording = Recording(backend.history, backend.version, self.metrics)
        self._health = Health(self._probe, backend.history, backend.checks)

    def ask(self, question: str, session_id: str | None, owner: str) -> dict[str, object]:
        """Answer a question: :meth:`Answer.to_json` with the id of the conversation as ``session``.

        Raises:
            KbError: no assistant can serve at the moment.

        """
        now = self._backend.clock()
        session = self._sessions.open(session_id, owner, now)
        with session.lock:
            started = time.perf_counter()
            state, answer = self._backend.assistant().reply(decode_state(session.state, now=now), question, now=now)
            seconds = time.perf_counter() - started
            session.state = encode_state(state)
            turn = None
            if not session.forgotten:
                turn = self._recording.record(session.id, session.id, question, answer, at=now, seconds=seconds)
            session.add_turn(turn)
        self._recording.note(answer, turn, seconds)
        return {**answer.to_json(), "session": session.id}

    def search(self, question: str, limit: int) -> dict[str, object]:
        """Rank the knowledge as staff search shows it, with the same probabilities as the replies."""
        assistant = self._backend.assistant()
        found = assistant.searcher.search(question, limit)
        return {
            "understood_as": found.query.text,
            "answerable": float(found.answerable),
            "boundaries": {name: float(mass) for name, mass in found.boundaries.items()},
            "hits": [_shown(hit, assistant.knowledge) for hit in found.hits],
        }

    def feedback(self, session_id: str, owner: str, value: int, reason: str, number: int | None) -> None:
        """Rate an answer of a conversation: the ``number``-th from 1, or the last.

        Raises:
            ApiError: no such conversation or turn, or there is no history.
            HistoryError: the history database failed.

        """
        session = self._sessions.find(session_id, owner, self._backend.clock())
        if session is None:
            raise ApiError(404, "unknown_session", "会话不存在或已过期，请重新提问后再评价。")
        turn = session.turn(number)
        if turn is None or self._backend.history is None:
            raise ApiError(404, "unknown_turn", "这条回答不存在，或没有记入历史，无法评价。")
        self._backend.history.feedback(turn, value, reason, visitor=session.id)

    def export(self, session_id: str) -> dict[str, object]:
        """Give all that is kept about a visitor, who is known by the id of the conversation.

        Raises:
            HistoryError: the history database failed.

        """
        kept = self._backend.history.export_visitor(session_id) if self._backend.history else {"turns": []}
        return {**kept, "visitor": session_id}

    def erase(self, session_id: str) -> int:
        """Delete all that is kept about a visitor, the open conversation too; return the number of turns.

        A reply that is being made in it is waited for; one that begins later is not recorded.

        Raises:
            HistoryError: the history database failed.

        """
        self._sessions.forget(session_id)
        return self._backend.history.erase_visitor(session_id) if self._backend.history else 0

    def suggest(self, prefix: str, limit: int) -> list[str]:
        """Complete what is being typed."""
        return self._backend.assistant().suggest(prefix, limit)

    def health(self) -> dict[str, object]:
        """State of index, model and history in plain words; see :class:`Health`."""
        return self._health.report()

    def versions(self) -> dict[str, str]:
        """Versions of the program and of the index that serves."""
        return {"program": _program(), "index": self._backend.version()}

    def metrics_text(self) -> str:
        """All metrics in the Prometheus text format."""
        return self.metrics.render(sessions=len(self._sessions), info=self.versions())

    def _probe(self) -> None:
        self._backend.assistant().searcher.search_anew("健康检查", 1)


def _shown(hit: Hit, knowledge: Knowledge) -> dict[str, object]:
    title, text = preview(hit.entry, knowledge)
    return {**asdict(hit), "title": title, "text": text}


def _program() -> str:
    try:
        return version("zhida")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "dev"
