"""What happens to a visit when its visitor does something. No web framework in here."""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from dataclasses import dataclass, field, replace
from math import ceil
from threading import Lock

from assistant.dialogue.state_codec import decode_state, encode_state
from assistant.web.pace import Pace
from assistant.web.ports import AssistantLike, Desk
from assistant.web.recording import Recording
from assistant.web.visit import LONGEST_QUESTION, Rating, Shown, Visit, new_visit, shown
from kb.errors import KbError, UsageError

_log = logging.getLogger(__name__)

# What a person would type to the same end; the assistant knows it (``dialogue/cues.yaml``).
_UNDO = "不是这个意思"
AWAY = "暂时答不了，请稍后再来，或者联系客服。"
_UNSURE = "答案可能不够准，请以页面为准。"
REASONS = ("答非所问", "看不懂", "内容不对或过时", "步骤走不通", "其他")
# Visitors are spread over so many shares: few of them ever wait for one another.
_SHARES = 256
# Of each share's visitors who had their records deleted, so many of late are known: some four thousand altogether.
_ERASED = 16


@dataclass(frozen=True, slots=True)
class _Share:
    """Some of the visitors.

    Attributes:
        lock: held while one of them is answered and recorded, and while one's records are deleted.
        erased: whose records were deleted of late; used under the lock.

    """

    lock: Lock = field(default_factory=Lock)
    erased: deque[str] = field(default_factory=lambda: deque(maxlen=_ERASED))


@dataclass(frozen=True, slots=True)
class Talk:
    """The chat's actions.

    Attributes:
        desk: what they work with.
        pace: how often a visitor may ask.
        shares: the visitors, each in one of them.

    """

    desk: Desk
    pace: Pace = field(default_factory=Pace)
    shares: tuple[_Share, ...] = field(default_factory=lambda: tuple(_Share() for _ in range(_SHARES)))

    def ask(self, visit: Visit, text: str, host: str) -> Visit:
        """Answer a question; one that is blank changes nothing.

        Args:
            visit: the conversation.
            text: what was typed or pressed.
            host: the address it comes from.

        Raises:
            UsageError: the question is too long, or this visitor, or this address, asks too fast.
            KbError: no assistant can serve at the moment.

        """
        question = text.strip()
        if not question:
            return visit
        if len(question) > LONGEST_QUESTION:
            raise UsageError(
                "question too long", user_message=f"问题最多 {LONGEST_QUESTION} 个字，请说得短一些再发送。"
            )
        self._keep_pace(visit, host)
        return self._answered(visit, question, visit)

    def _keep_pace(self, visit: Visit, host: str) -> None:
        wait = self.pace.take(visit.visitor, host)
        if wait > 0:
            self.desk.metrics.count("zhida_rate_limited_total")
            raise UsageError("asks too fast", user_message=f"您问得太快了，请过 {ceil(wait)} 秒再发送。")

    def _answered(self, visit: Visit, question: str, onto: Visit) -> Visit:
        """Add the reply to ``onto``; where the visitor's records have been deleted, unrecorded to somebody new."""
        now, started = self.desk.clock(), time.perf_counter()
        recording = Recording(self.desk.history, self.desk.version, self.desk.metrics)
        share = self._share(visit)
        with share.lock:  # before the assistant is asked for: a new version may take seconds to open
            state, answer = self.desk.assistant().reply(decode_state(visit.state, now=now), question, now=now)
            seconds = time.perf_counter() - started
            erased = visit.visitor in share.erased
            ids = (visit.visitor, visit.conversation)
            number = None if erased else recording.record(*ids, question, answer, at=now, seconds=seconds)
        recording.note(answer, number, seconds)
        after = new_visit() if erased else onto
        return after.with_turn(shown(question, answer, number or 0), encode_state(state))

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
        self._keep_pace(visit, host)
        after = self._answered(visit, _UNDO, back)
        turn = replace(after.turns[-1], question=last.question)
        return replace(after, turns=(*after.turns[:-1], turn)), ""

    def rate(self, visit: Visit, position: int, rating: Rating, reason: str = "") -> Visit:
        """Rate a turn of the visit; a second rating replaces the first, and 0 takes the mark off the page alone.

        Raises:
            UsageError: there is no such turn, or no record of it.
            KbError: the rating could not be kept.

        """
        if rating:
            turn = visit.turns[position] if 0 <= position < len(visit.turns) else None
            self._rate(visit, turn, rating, reason[:500])
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

        A reply that is being made is waited for; one that was asked for but not begun will not be recorded.

        Raises:
            KbError: the history cannot be written; nothing was deleted.

        """
        if self.desk.history is not None:
            share = self._share(visit)
            with share.lock:
                self.desk.history.erase_visitor(visit.visitor)
                share.erased.append(visit.visitor)
        return new_visit()

    def suggest(self, prefix: str) -> list[str]:
        """Complete what is being typed; nothing while no assistant serves."""
        text = prefix.strip()[:100]
        try:
            return self.desk.assistant().suggest(text, 6) if text else []
        except KbError:
            return []

    def _share(self, visit: Visit) -> _Share:
        return self.shares[hash(visit.visitor) % len(self.shares)]

    def _rate(self, visit: Visit, turn: Shown | None, rating: Rating, reason: str) -> None:
        if turn is None or not turn.id or self.desk.history is None:
            raise UsageError(
                "no record to rate", user_message="这一条没有记录，评价没有记下来。请再问一次，评价新的回答。"
            )
        try:
            self.desk.history.feedback(turn.id, rating, reason, visitor=visit.visitor)
        except UsageError:
            raise
        except KbError as error:
            _log.warning("rating not recorded: %s", error)
            raise KbError(f"rating not recorded: {error}", user_message="评价没有记下来，请稍后再试。") from error


def open_to_customers(desk: Desk) -> tuple[AssistantLike | None, str]:
    """As :func:`health`, in words for customers: who mends it reads the pages for staff, the log and ``zhida doctor``."""
    assistant, _ = health(desk)
    if assistant is None:
        return None, AWAY
    return assistant, "" if assistant.searcher.ranker.calibrated else _UNSURE


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
