"""What a reply leaves behind, wherever it was given: a turn of the history, a count, a line of the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.records import Answer
from assistant.web.prometheus import Metrics
from kb.errors import KbError

if TYPE_CHECKING:
    from assistant.web.ports import HistoryLike  # with the tools of the office, which a program's own server lacks

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recording:
    """Keeps what was asked and answered.

    Attributes:
        history: where turns go, None to keep none.
        version: id of the index version that serves.
        metrics: where replies, and turns that were not recorded, are counted.

    """

    history: HistoryLike | None
    version: Callable[[], str]
    metrics: Metrics

    def record(
        self, visitor: str, conversation: str, question: str, answer: Answer, *, at: float, seconds: float
    ) -> int | None:
        """Keep a turn; give the history's number of it, None if it was not recorded.

        The person gets the answer all the same; the health check shows what is wrong with the history.
        """
        if self.history is None:
            return None
        latency, version = seconds * 1000, self.version()
        try:
            return self.history.record_turn(
                visitor, conversation, question, answer, at=at, latency_ms=latency, version=version
            )
        except KbError as error:
            self.metrics.count("zhida_history_errors_total")
            _log.warning("turn not recorded", extra={"reason": str(error)})
            return None

    def note(self, answer: Answer, turn: int | None, seconds: float) -> None:
        """Count a reply and log it, without a word of what was asked."""
        self.metrics.observe(answer.decision, seconds)
        found = {"decision": answer.decision, "entries": list(answer.entries), "confidence": answer.confidence}
        _log.info("reply", extra={**found, "turn": turn, "ms": round(seconds * 1000, 2)})
