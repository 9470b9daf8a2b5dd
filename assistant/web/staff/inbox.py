"""The inbox of handoffs: take one, answer it, give it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from assistant.evaluation.names import DECISION_NAMES
from assistant.history import Turn
from assistant.insights.inbox import Handoff, handoffs
from assistant.web.access import user_of
from assistant.web.acts import QUIET, act, chip, folded, pressed, said, told, when
from assistant.web.markup import block, escape, notice
from assistant.web.office import Office
from kb.errors import KbError
from kb.records import FaqEntry

_DAYS = 30
_MOST = 100
_STATES = {"open": ("待处理", "bad"), "claimed": ("处理中", "warn"), "answered": ("已处理", "good")}


class InboxTab:
    """Lays the inbox out and carries out what happens in it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        with gr.Row():
            self._state = gr.Radio(["全部", "待处理", "处理中", "已处理"], value="全部", label="状态", scale=4)
            self._again = gr.Button("刷新", scale=0, min_width=88)
        self._list = gr.HTML(elem_id="zd-inbox", min_height=60)
        with gr.Group(visible=False, elem_id="zd-answering") as self._form:
            self._what = gr.HTML()
            self._turn = gr.Textbox(visible=False)
            self._note = gr.Textbox(label="处理情况（只有内部看得到，可不填）", lines=2, max_length=1_000)
            with gr.Row():
                self._cancel = gr.Button("取消", size="sm")
                self._done = gr.Button("标为已处理", variant="primary", size="sm", elem_id="zd-answered")

    def wire(self, page: gr.Blocks, buttons: gr.HTML) -> None:
        """Connect the inbox."""
        form = [self._form, self._turn, self._what]
        gr.on([page.load, self._again.click, self._state.change], self._listed, [self._state], self._list, **QUIET)
        buttons.click(self._on_press, [self._state], [self._list, *form], **QUIET)
        self._done.click(
            self._on_done, [self._turn, self._note, self._state], [self._list, self._form, self._note], **QUIET
        )
        self._cancel.click(lambda: gr.update(visible=False), None, self._form, **QUIET)

    def _listed(self, state: str) -> str:
        try:
            turns = self._office.history.since(self._office.clock() - _DAYS * 86_400.0)
            found = handoffs(turns, self._office.feedback.claims())
            entries = self._office.shelf.now().entries
        except KbError as error:
            return notice(error.user_message)
        return inbox_view([item for item in found if state in ("全部", _STATES[item.claim.state][0])], entries)

    def _on_press(self, event: gr.EventData, state: str, request: gr.Request) -> tuple[Any, ...]:
        data, author = pressed(event), user_of(request).name
        does, turn = data.get("do"), data.get("turn", "")
        if does not in ("claim", "release", "answer") or not turn.isdecimal():
            return (gr.skip(),) * 4
        with told():
            if does == "release":
                self._office.feedback.release(int(turn), author)
                return self._listed(state), gr.update(visible=False), "", ""
            self._office.feedback.claim(int(turn), author)
            if does == "claim":
                said("已领取，别人会看到是您在处理。")
                return self._listed(state), gr.skip(), gr.skip(), gr.skip()
            asked = f"<p>正在处理：<strong>{escape(data.get('q', ''))}</strong></p>"
            return self._listed(state), gr.update(visible=True), turn, asked

    def _on_done(self, turn: str, words: str, state: str, request: gr.Request) -> tuple[Any, ...]:
        with told():
            if turn.isdecimal():
                self._office.feedback.answered(int(turn), user_of(request).name, words)
            return self._listed(state), gr.update(visible=False), ""


def inbox_view(found: Sequence[Handoff], entries: Mapping[str, FaqEntry]) -> str:
    """The handoffs as cards; ``entries`` give what was answered a name."""
    if not found:
        return '<p class="zd-note">没有转人工的问题。</p>'
    more = f'<p class="zd-note">只显示前 {_MOST} 条，共 {len(found)} 条。</p>' if len(found) > _MOST else ""
    return "".join(_card(item, entries) for item in found[:_MOST]) + more


def _card(item: Handoff, entries: Mapping[str, FaqEntry]) -> str:
    name, kind = _STATES[item.claim.state]
    whose = f" {item.claim.owner}" if item.claim.owner else ""
    note = f'<p class="zd-note">处理情况：{block(item.claim.note)}</p>' if item.claim.note else ""
    tried = "".join(_turn(turn, entries) for turn in item.before)
    before = (
        folded(f"之前问过 {len(item.before)} 句", f'<ol class="zd-list">{tried}</ol>', opened=True) if tried else ""
    )
    return (
        f'<article class="zd-cluster"><h3>{escape(item.turn.question)}</h3>'
        f"<p>{chip(name + whose, kind)}<small>{when(item.turn.at)} · 访客 {escape(item.turn.visitor[2:10])}</small></p>"
        f"{before}{note}<div>{_buttons(item)}</div></article>"
    )


def _turn(turn: Turn, entries: Mapping[str, FaqEntry]) -> str:
    decision = DECISION_NAMES.get(turn.decision, turn.decision)
    named = entries.get(turn.entries[0]) if turn.entries else None
    entry = f"「{escape(named.question)}」" if named else ""
    rated = {1: chip("有帮助", "good"), -1: chip("没帮助", "bad")}.get(turn.rating or 0, "")
    return f"<li>{block(turn.question)} → {escape(decision)}{entry} {rated}</li>"


def _buttons(item: Handoff) -> str:
    turn, question = item.turn.id, item.turn.question
    if item.claim.state == "open":
        return act("claim", "领取", turn=turn, css="zd-solid") + act("answer", "直接标为已处理", turn=turn, q=question)
    if item.claim.state == "claimed":
        return act("answer", "标为已处理", turn=turn, q=question, css="zd-solid") + act("release", "放回", turn=turn)
    return ""
