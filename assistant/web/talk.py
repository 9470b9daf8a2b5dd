"""What happens to a visit when its visitor does something. No web framework in here."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field, replace
from math import ceil

from assistant.records import Answer
from assistant.state_codec import decode_state, encode_state
from assistant.web.pace import Pace
from assistant.web.ports import AssistantLike, Desk, HistoryLike
from assistant.web.visit import LONGEST_QUESTION, Rating, Visit, new_visit, shown
from kb.errors import KbError, UsageError

_log = logging.getLogger(__name__)

# What a person would type to the same end; the assistant knows it (``dialogue.yaml``).
_UNDO = "不是这个意思"
REASONS = ("答非所问", "看不懂", "内容不对或过时", "步骤走不通", "其他")


@dataclass(frozen=True, slots=True)
class Talk:
    """The chat's actions."""

    desk: Desk
    pace: Pace = field(default_factory=Pace)

    def ask(self, visit: Visit, text: str, host: str) -> Visit:
        """Answer a question; one that is blank changes nothing.

        Args:
            visit: the conversation.
            text: what was typed or pressed.
            host: the address it comes from.

        Raises:
            UsageError: this visitor, or this address, asks too fast.
            KbError: no assistant can serve at the moment.

        """
        question = text.strip()[:LONGEST_QUESTION]
        if not question:
            return visit
        return self._answered(visit, question, host)

    def _answered(self, visit: Visit, question: str, host: str) -> Visit:
        wait = self.pace.take(visit.visitor, host)
        if wait > 0:
            self.desk.metrics.count("zhida_rate_limited_total")
            raise UsageError("asks too fast", user_message=f"您问得太快了，请过 {ceil(wait)} 秒再发送。")
        now, started = self.desk.clock(), time.perf_counter()
        assistant = self.desk.assistant()
        state, answer = assistant.reply(decode_state(visit.state, now=now), question, now=now)
        seconds = time.perf_counter() - started
        self.desk.metrics.observe(answer.decision, seconds)
        number = self._record(visit, question, answer, now, seconds * 1000)
        found = {"decision": answer.decision, "entries": list(answer.entries), "confidence": answer.confidence}
        _log.info("reply", extra={**found, "turn": number, "ms": round(seconds * 1000, 2)})
        return visit.with_turn(shown(question, answer, number), encode_state(state))

    def undo(self, visit: Visit, host: str) -> tuple[Visit, str]:
        """Take back what the last turn was understood to mean.

        Answers the words themselves where the assistant knows how; else the turn goes, and its question is given back
        to be put in other words.

        Args:
            visit: the conversation.
            host: the address it comes from.

        Raises:
            UsageError: this visitor, or this address, asks too fast.
            KbError: no assistant can serve at the moment.

        """
        if not visit.turns:
            return visit, ""
        last, back = visit.turns[-1], visit.without_last()
        if not decode_state(visit.state, now=self.desk.clock()).undo:
            return back, last.question
        after = self._answered(visit, _UNDO, host)
        return back.with_turn(replace(after.turns[-1], question=last.question), after.state), ""

    def rate(self, visit: Visit, position: int, rating: Rating, reason: str = "") -> Visit:
        """Rate a turn of the visit; a second rating replaces the first. A position that is none changes nothing."""
        if not 0 <= position < len(visit.turns):
            return visit
        if rating and visit.turns[position].id and self.desk.history is not None:
            self._rate(self.desk.history, visit, visit.turns[position].id, rating, reason[:500])
        return visit.rated(position, rating)

    def kept(self, visit: Visit) -> str:
        """Write all that is kept about the visitor as JSON.

        Raises:
            KbError: the history cannot be read.

        """
        history = self.desk.history
        kept = history.export_visitor(visit.visitor) if history is not None else {"turns": []}
        return json.dumps({**kept, "visitor": visit.visitor}, ensure_ascii=False, indent=1)

    def erase(self, visit: Visit) -> Visit:
        """Delete all that is kept about the visitor, who goes on as somebody new.

        Raises:
            KbError: the history cannot be written; nothing was deleted.

        """
        if self.desk.history is not None:
            self.desk.history.erase_visitor(visit.visitor)
        return new_visit()

    def suggest(self, prefix: str) -> list[str]:
        """Complete what is being typed; nothing while no assistant serves."""
        text = prefix.strip()[:100]
        try:
            return self.desk.assistant().suggest(text, 6) if text else []
        except KbError:
            return []

    def _record(self, visit: Visit, question: str, answer: Answer, now: float, latency: float) -> int:
        if self.desk.history is None:
            return 0
        try:
            return self.desk.history.record_turn(
                visit.visitor,
                visit.conversation,
                question,
                answer,
                at=now,
                latency_ms=latency,
                version=self.desk.version(),
            )
        except KbError as error:
            # The person gets the answer all the same; the history shows its own problem in the health check.
            self.desk.metrics.count("zhida_history_errors_total")
            _log.warning("turn not recorded: %s", error)
            return 0

    @staticmethod
    def _rate(history: HistoryLike, visit: Visit, turn: int, rating: Rating, reason: str) -> None:
        try:
            history.feedback(turn, rating, reason, visitor=visit.visitor)
        except KbError as error:
            _log.warning("rating not recorded: %s", error)


def health(desk: Desk) -> tuple[AssistantLike | None, str]:
    """Give the assistant, if there is one, and what is wrong in Chinese, "" if nothing is."""
    try:
        assistant = desk.assistant()
    except KbError as error:
        _log.warning("no assistant: %s", error)
        return None, error.user_message
    ranker = assistant.searcher.ranker
    uncalibrated = "" if ranker.calibrated else f"置信度尚未校准，答案可能不够准。{ranker.note}"
    return assistant, " ".join(part for part in (desk.problem(), uncalibrated) if part)
