"""The staff's search: what is typed and chosen, to the HTML that is shown."""

from __future__ import annotations

from datetime import date, datetime

from assistant.web.markup import escape
from assistant.web.ports import Desk
from assistant.web.staff.filters import Sieve, Wanted
from assistant.web.staff.findings import Shown, findings
from assistant.web.talk import health
from assistant.web.visit import LONGEST_QUESTION

_SHOWN = 10


class Finder:
    """Searches the version that serves.

    Args:
        desk: gives it.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sieve = Sieve()

    def html(self, text: str, wanted: Wanted) -> str:
        """Show the best of what passes the filters, "" for a question without a word; all of it is escaped."""
        assistant, _ = health(self._desk)
        question = text.strip()[:LONGEST_QUESTION]
        if assistant is None or not question:
            return ""
        searcher, knowledge = assistant.searcher, assistant.knowledge
        filtered = wanted != Wanted()
        if filtered:
            found = searcher.search_within(question, self._sieve.passing(wanted, knowledge, self._today()), _SHOWN)
        else:
            found = searcher.search(question, _SHOWN)
        shown = Shown(question, marks=self._desk.office is not None, filtered=filtered)
        inner = findings(found, searcher.ranker, knowledge, shown)
        return f'<div data-for="{escape(text.strip())}">{inner}</div>'

    def _today(self) -> date:
        return datetime.fromtimestamp(self._desk.clock()).date()
