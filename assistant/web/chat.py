"""The customers' chat page."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr

from assistant.web.acts import told
from assistant.web.files import asset
from assistant.web.markup import button, escape, notice
from assistant.web.messages import messages, ratings, turn_at
from assistant.web.ports import Desk
from assistant.web.sources import checked_on, source_panel
from assistant.web.talk import AWAY, REASONS, Talk, open_to_customers
from assistant.web.visit import LONGEST_QUESTION, Visit, visit_from
from kb.errors import KbError, UsageError

Update = Any  # what Gradio takes as an output: a value or one of its untyped updates
_STORAGE_KEY = "zhida-visit"
# So many may wait; who comes after them is told so and tries again (see ``boot.js``).
_LONGEST_QUEUE = 64
_NOT_EXPORTED, _NOT_ERASED = "暂时取不到您的记录，请稍后再试。", "您的记录还没有删干净，请稍后再试一次。"
_log = logging.getLogger(__name__)


def chat_page(desk: Desk) -> gr.Blocks:
    """Build the chat page; a conversation is kept in its visitor's browser."""
    page: gr.Blocks
    with gr.Blocks(title="知答", analytics_enabled=False, fill_height=True) as page:
        _Chat(desk, page)
    page.queue(default_concurrency_limit=8, max_size=_LONGEST_QUEUE, api_open=False)
    return page


class _Chat:
    """Lays out the components and wires what happens to them."""

    def __init__(self, desk: Desk, page: gr.Blocks) -> None:
        self.desk = desk
        self.talk = Talk(desk)
        self._lay_out()
        self._wire(page)

    def _lay_out(self) -> None:
        # The secret hides nothing (Gradio sends it to the page); it is fixed so that a visit outlives a restart.
        self.store = gr.BrowserState(None, storage_key=_STORAGE_KEY, secret="zhida")  # noqa: S106
        self.rated = gr.State(-1)
        with gr.Row(elem_id="zd-head"):
            gr.HTML("<h1>知答</h1><p>有问题，直接问</p>", elem_id="zd-title")
            self.clear = gr.Button("清空对话", size="sm", min_width=80, elem_id="zd-clear")
        self.notice = gr.HTML(elem_id="zd-notice")
        with gr.Row(elem_id="zd-main", equal_height=False):
            with gr.Column(scale=3, min_width=280, elem_id="zd-talk"):
                self._lay_out_talk()
            self.panel = gr.HTML(elem_id="zd-panel", js_on_load=asset("panel.js"))
        gr.HTML(_footer(self.desk), elem_id="zd-foot")
        self.parcel = gr.HTML(elem_id="zd-parcel", js_on_load=asset("parcel.js"))
        self.bridge = gr.HTML(elem_id="zd-bridge", js_on_load=asset("chat.js"))

    def _lay_out_talk(self) -> None:
        self.chat = gr.Chatbot(
            label="对话",
            show_label=False,
            elem_id="zd-chat",
            height="100%",
            layout="bubble",
            buttons=[],
            feedback_options=("Like", "Dislike"),
            latex_delimiters=[],
            allow_tags=False,
            sanitize_html=True,
            allow_file_downloads=False,
            autoscroll=False,  # to the end of a long answer, which reads from its beginning: see ``chat.js``
        )
        self._lay_out_reason()
        self.hints = gr.HTML(elem_id="zd-hints", js_on_load=asset("hints.js"))
        with gr.Row(elem_id="zd-ask"):
            self.box = gr.Textbox(
                show_label=False,
                label="您的问题",
                placeholder="请输入您的问题",
                lines=1,
                max_lines=1,
                max_length=LONGEST_QUESTION,
                container=False,
                autofocus=True,
                elem_id="zd-box",
                scale=5,
            )
            # People look for it to send a screenshot: they are told before they have picked one.
            gr.HTML(button("picture", "图片"), elem_id="zd-picture")
            self.send = gr.Button("发送", variant="primary", scale=0, min_width=76, elem_id="zd-send")

    def _lay_out_reason(self) -> None:
        with gr.Group(visible=False, elem_id="zd-reason") as self.reason_form:
            self.reason = gr.Radio(list(REASONS), label="哪里没帮到您？（选填）")
            self.remark = gr.Textbox(label="补充说明（选填）", lines=1, max_lines=3, max_length=300)
            with gr.Row():
                self.skip = gr.Button("不用了", size="sm", min_width=80)
                self.submit = gr.Button("提交反馈", size="sm", min_width=80, variant="primary")

    def _wire(self, page: gr.Blocks) -> None:
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        view = [self.store, self.chat, self.notice]
        whole = [*view, self.box, self.hints, self.panel, self.reason_form]
        gr.on([self.box.submit, self.send.click], self.on_ask, [self.store, self.box], whole, **quiet)
        self.chat.option_select(self.on_option, [self.store], whole, **quiet)
        self.bridge.click(self.on_press, [self.store], [*whole, self.parcel], **quiet)
        self.chat.like(self.on_rate, [self.store], [*view, self.rated, self.reason_form], **quiet)
        form = [self.store, self.rated, self.reason, self.remark]
        self.submit.click(self.on_reason, form, [self.reason_form, self.reason, self.remark], **quiet)
        self.skip.click(_hide, None, self.reason_form, **quiet)
        self.clear.click(self.on_clear, [self.store], whole, **quiet)
        self.hints.input(self.on_type, None, self.hints, queue=False, trigger_mode="always_last", **quiet)
        page.load(self.on_load, [self.store], view, **quiet)
        gr.events.api(self.on_program, api_name="ask", queue=True)

    def on_load(self, data: object) -> tuple[Update, ...]:
        """Show the visit that the browser remembers."""
        return self._view(visit_from(data))

    def on_ask(self, data: object, text: object, request: gr.Request) -> tuple[Update, ...]:
        """Answer what was typed."""
        return self._asked(visit_from(data), _typed(text), request)

    def on_program(
        self, question: str, visit: dict[str, Any] | None, request: gr.Request
    ) -> tuple[str, dict[str, Any]]:
        """Answer a program that uses Gradio's client; give back the visit with the next question to go on with it."""
        if not _typed(question).strip():
            raise gr.Error("问题不能为空，请输入问题。", print_exception=False)
        try:
            after = self.talk.ask(visit_from(visit), question, _host(request))
        except KbError as error:
            raise gr.Error(_why_not(error), print_exception=False) from error
        return after.turns[-1].text, after.to_json()

    def on_option(self, event: gr.SelectData, data: object, request: gr.Request) -> tuple[Update, ...]:
        """Answer what was pressed under the last message."""
        return self._asked(visit_from(data), str(event.value), request)

    def on_press(self, event: gr.EventData, data: object, request: gr.Request) -> tuple[Update, ...]:
        """Carry out what a button of our own says (see ``chat.js``)."""
        visit, pressed = visit_from(data), _pressed(event)
        action = pressed.get("action")
        if action == "ask":
            return *self._asked(visit, str(pressed.get("q", "")), request), gr.skip()
        if action == "undo":
            return *self._undone(visit, request), gr.skip()
        if action == "picture":
            return *self._view(visit, picture=True), gr.skip(), "", *(gr.skip(),) * 3
        if action in ("export", "erase"):
            return self._own_records(visit, action)
        if action == "cite":
            return *(gr.skip(),) * 5, self._source(visit, pressed), *(gr.skip(),) * 2
        return *(gr.skip(),) * 5, "" if action == "close" else gr.skip(), *(gr.skip(),) * 2

    def on_rate(self, event: gr.LikeData, data: object) -> tuple[Update, ...]:
        """Keep a rating; ask for the reason of a bad one."""
        visit = visit_from(data)
        at = event.index if isinstance(event.index, int) else event.index[0]
        position, liked = turn_at(at), event.liked
        try:
            visit = self.talk.rate(visit, position, 1 if liked is True else -1 if liked is False else 0)
        except KbError as error:
            return *self._view(visit, problem=error.user_message), -1, _hide()
        return *self._view(visit), position, gr.update(visible=liked is False)

    def on_reason(self, data: object, position: int, reason: object, remark: object) -> tuple[Update, ...]:
        """Keep the reason of a bad rating; where that fails, what was typed stays."""
        chosen = [known for known in REASONS if known == reason]
        words = "：".join(part for part in (*chosen, _typed(remark).strip()) if part)
        with told():
            self.talk.rate(visit_from(data), position, -1, words)
        gr.Info("谢谢，您的反馈会交给编辑改进知识库。", title="已收到")
        return _hide(), None, ""

    def on_clear(self, data: object) -> tuple[Update, ...]:
        """Forget the conversation."""
        return *self._view(visit_from(data).cleared()), "", "", "", _hide()

    def on_type(self, event: gr.EventData) -> str:
        """Complete what is being typed (see ``hints.js``)."""
        text = str(_pressed(event).get("text", ""))
        found = "".join(button("ask", hint, css="zd-hint") for hint in self.talk.suggest(text))
        head = f'<div role="group" aria-label="猜您想问" data-for="{escape(text.strip())}">'
        return f"{head}{found}</div>" if found else ""

    def _own_records(self, visit: Visit, action: str) -> tuple[Update, ...]:
        try:
            if action == "export":
                return *(gr.skip(),) * 7, f"<pre>{escape(self.talk.kept(visit))}</pre>"
            visit = self.talk.erase(visit)
        except KbError as error:
            _log.warning("own records out of reach: %s", error)
            return *self._view(visit, problem=_NOT_EXPORTED if action == "export" else _NOT_ERASED), *(gr.skip(),) * 5
        return *self._view(visit, problem="您的记录已经全部删除。"), "", "", "", _hide(), ""

    def _undone(self, visit: Visit, request: gr.Request) -> tuple[Update, ...]:
        try:
            visit, question = self.talk.undo(visit, _host(request))
        except KbError as error:
            return *self._view(visit, problem=_why_not(error)), *(gr.skip(),) * 4
        return *self._view(visit), question, "", "", _hide()

    def _asked(self, visit: Visit, text: str, request: gr.Request) -> tuple[Update, ...]:
        if not text.strip():
            return (gr.skip(),) * 7
        try:
            after = self.talk.ask(visit, text, _host(request))
        except KbError as error:
            return *self._view(visit, problem=_why_not(error)), text, "", gr.skip(), _hide()
        return *self._view(after, marks=any(turn.rating for turn in visit.turns)), "", "", "", _hide()

    def _view(
        self, visit: Visit, *, marks: bool = True, picture: bool = False, problem: str = ""
    ) -> tuple[Update, ...]:
        """Show a visit; ``marks`` where ratings may show that are to change: Gradio makes a new component for them."""
        assistant, ill = open_to_customers(self.desk)
        shown: Update = messages(visit, assistant, picture=picture)
        if marks:
            shown = gr.update(value=shown, feedback_value=ratings(visit))
        return visit.to_json(), shown, notice(problem or ill)

    def _source(self, visit: Visit, pressed: dict[str, Any]) -> Update:
        assistant, _ = open_to_customers(self.desk)
        number, citation = visit.citation(pressed.get("turn"), pressed.get("n"))
        return source_panel(citation, number, assistant.knowledge) if assistant and citation else gr.skip()


def _why_not(error: KbError) -> str:
    """Say why there is no answer: what the visitor may change, but nothing of what is for the administrator to mend."""
    if isinstance(error, UsageError):
        return error.user_message
    _log.warning("no answer: %s", error)
    return AWAY


def _pressed(event: gr.EventData) -> dict[str, Any]:
    """Give what a script of ours has sent along, which anybody may forge."""
    return event._data if isinstance(event._data, dict) else {}


def _typed(value: object) -> str:
    """Take what a text field sends, which a forged event may make anything."""
    return value if isinstance(value, str) else ""


def _host(request: gr.Request) -> str:
    """Give the address that a visitor comes from, "" where there is none."""
    client = request.client
    return str(client.host) if client else ""


def _hide() -> Update:
    return gr.update(visible=False)


def _footer(desk: Desk) -> str:
    """Say whose knowledge this is and how old."""
    assistant, _ = open_to_customers(desk)
    checked = checked_on(assistant.knowledge) if assistant else None
    said = f"，核对于 {checked.isoformat()}" if checked else ""
    own = button("export", "导出我的记录", css="zd-link") + button("erase", "删除我的记录", css="zd-link")
    return f"<p>知识库为非官方整理{said}。请以 App 页面为准。{own}</p>"
