"""The page of insights: its tabs and what happens on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import gradio as gr

from assistant.editing.adopting import adopt_alternates, adopt_new
from assistant.editing.records import entries_after
from assistant.history import Turn
from assistant.history.queries import UNANSWERED
from assistant.insights.clicks import confirmed
from assistant.insights.clusters import clusters, gathered, still_open
from assistant.insights.rates import asked_most, days, slowest, topics, totals
from assistant.insights.usage import disliked, unused
from assistant.web.access import user_of
from assistant.web.acts import QUIET, bridge, pressed, said, told
from assistant.web.insights.views import clusters_view, confirmed_view, overview, usage_view
from assistant.web.markup import notice
from assistant.web.office import Office
from assistant.web.places import Head, closed_page
from assistant.web.ports import Desk, office_of
from kb.errors import KbError
from kb.records import FaqEntry

_PERIODS = [("最近 7 天", 7), ("最近 30 天", 30), ("最近 90 天", 90)]
_DAY = 86_400.0


def insights_page(desk: Desk, head: Head) -> gr.Blocks:
    """Build the page; it is mounted as a :class:`assistant.web.places.Place`."""
    with closed_page("洞察", head) as page:
        _Insights(office_of(desk), page)
    return page


class _Insights:
    """Lays the page out and wires it."""

    def __init__(self, office: Office, page: gr.Blocks) -> None:
        self._office = office
        self._period = gr.Radio(_PERIODS, value=30, label="时间", elem_id="zd-period")
        with gr.Tabs(elem_id="zd-tabs"):
            with gr.Tab("概况", id="overview"):
                self._overview = gr.HTML()
            with gr.Tab("未答的问题", id="clusters"):
                self._clusters = gr.HTML(elem_id="zd-clusters", min_height=80)
            with gr.Tab("建议的相似问", id="clicks"):
                self._clicks = gr.HTML(elem_id="zd-clicks")
            with gr.Tab("条目用得怎样", id="usage"):
                self._usage = gr.HTML()
        self._wire(page, bridge())

    def _wire(self, page: gr.Blocks, buttons: gr.HTML) -> None:
        shown = [self._overview, self._clicks, self._usage]
        visible: dict[str, Any] = {**QUIET, "show_progress": "full"}
        gr.on([page.load, self._period.change], self._on_period, [self._period], shown, **QUIET)
        gr.on([page.load, self._period.change], self._on_clusters, [self._period], self._clusters, **visible)
        buttons.click(self._on_press, [self._period], [self._clusters, self._clicks], **QUIET)

    def _on_period(self, period: float) -> tuple[str, str, str]:
        try:
            turns = self._turns(period)
            return self._rates(turns, int(period)), self._confirmed(turns, period), self._used(turns)
        except KbError as error:
            return notice(error.user_message), "", ""

    def _on_clusters(self, period: float) -> str:
        try:
            return self._grouped(period)
        except KbError as error:
            return notice(error.user_message)

    def _on_press(self, event: gr.EventData, period: float, request: gr.Request) -> tuple[str, str]:
        """Adopt a suggestion as a draft, or wave it away."""
        data, author = pressed(event), user_of(request).name
        questions = [line for line in data.get("questions", "").split("\n") if line.strip()]
        with told():
            if data.get("do") == "alternates":
                adopt_alternates(self._office.drafts, data["entry"], questions, author, data.get("origin", "cluster"))
                said("已加进草稿，到「知识库 → 草稿与发布」核对后发布。")
            elif data.get("do") == "new" and questions:
                name = adopt_new(self._office.drafts, questions, author)
                said(f"已建草稿「{name}」，请到「知识库」写上答案再发布。")
            elif data.get("do") == "dismiss":
                self._office.feedback.dismiss(data.get("key", ""), author)
            return self._grouped(period), self._confirmed(self._turns(period), period)

    def _turns(self, period: float) -> list[Turn]:
        return self._office.history.since(self._since(period))

    def _since(self, period: float) -> float:
        return self._office.clock() - float(period or 30) * _DAY

    def _entries(self) -> Mapping[str, FaqEntry]:
        """Entries as they will be once all drafts are published."""
        return entries_after(self._office.shelf.now().entries, self._office.drafts.all())

    def _rates(self, turns: list[Turn], period: int) -> str:
        today = datetime.fromtimestamp(self._office.clock()).date()
        first = today - timedelta(days=period - 1)
        named = {name: entry.category for name, entry in self._entries().items()}
        named |= {document.id: document.category for document in self._office.shelf.now().articles.values()}
        return overview(days(turns, first, today), totals(turns), topics(turns, named, first, today))

    def _grouped(self, period: float) -> str:
        bad = [turn for turn in self._turns(period) if turn.decision in UNANSWERED or turn.rating == -1]
        missed = [
            (mark.question, mark.at) for mark in self._office.feedback.marks(self._since(period)) if not mark.entry
        ]
        entries = self._entries()
        forms = frozenset(form for entry in entries.values() for form in entry.forms)
        found = clusters(gathered(bad, missed), self._office.searcher())
        return clusters_view(still_open(found, self._office.feedback.dismissed(), forms), entries)

    def _confirmed(self, turns: list[Turn], period: float) -> str:
        entries = self._entries()
        marks = [(mark.question, mark.entry) for mark in self._office.feedback.marks(self._since(period)) if mark.entry]
        return confirmed_view(confirmed(turns, marks, entries, self._office.feedback.dismissed()), entries)

    def _used(self, turns: list[Turn]) -> str:
        entries = self._entries()
        idle = unused(self._office.shelf.now().entries.values(), turns)
        return usage_view(disliked(turns), idle, asked_most(turns), slowest(turns), entries)
