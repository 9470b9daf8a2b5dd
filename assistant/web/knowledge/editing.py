"""The tab of entries: a list to browse and a sheet to edit one on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import gradio as gr

from assistant.citations import cite
from assistant.compose import render_answer
from assistant.editing.browse import STATES, Wanted, browse, categories
from assistant.editing.checks import check, left_behind
from assistant.editing.records import Draft, Opened, entry_target
from assistant.web.access import user_of
from assistant.web.acts import QUIET, asking, folded, lines, pressed, said, told, when
from assistant.web.knowledge.form import empty_texts, entry_of, form, texts_of
from assistant.web.knowledge.pager import pager
from assistant.web.knowledge.publish_views import audit_view, drafts_view
from assistant.web.knowledge.views import counted, differences, finding_list, listing
from assistant.web.markup import escape, notice, tame
from assistant.web.office import Office
from assistant.web.ports import Desk
from assistant.web.talk import health
from kb.errors import KbError
from kb.readers.cells import KIND_NAMES
from kb.records import FaqEntry

Update = Any  # what Gradio takes as an output: a value or one of its untyped updates
_ALL = "全部"
_KINDS = {name: kind for kind, name in KIND_NAMES.items()}
_STATES = {name: state for state, name in STATES.items()}


class EditTab:
    """Lays the tab out and carries out what happens on it."""

    def __init__(self, desk: Desk, office: Office) -> None:
        self._desk = desk
        self._office = office
        with gr.Row(elem_id="zd-edit"):
            with gr.Column(scale=5, min_width=360):
                self._lay_out_list()
            with gr.Column(scale=6, min_width=420, elem_id="zd-sheet"):
                self._lay_out_sheet()
        # What :meth:`on_press` fills when an entry is opened.
        self.sheet = [*self._fields, self._token, self._heading, *self._judged, self._past]

    def _lay_out_list(self) -> None:
        with gr.Row():
            self._words = gr.Textbox(
                label="查找",
                placeholder="问法、答案、编号里的词",
                max_length=200,
                scale=4,
                min_width=160,
                elem_id="zd-find",
            )
            self._new = gr.Button("新建条目", scale=0, min_width=96, elem_id="zd-new")
        with gr.Row():
            self._category = gr.Dropdown([_ALL], value=_ALL, label="分类", min_width=100)
            self._kind = gr.Dropdown([_ALL, *_KINDS], value=_ALL, label="类型", min_width=100)
            self._state = gr.Dropdown([_ALL, *_STATES], value=_ALL, label="状态", min_width=100)
        self._list = gr.HTML(elem_id="zd-list")
        self._number, self._back, self._count, self._on = pager()

    def _lay_out_sheet(self) -> None:
        self._heading = gr.HTML('<p class="zd-note zd-empty">从列表里选一条，或新建。</p>')
        self._token = gr.Textbox(visible=False)
        self._fields = form()
        with gr.Row(elem_classes="zd-sheet-buttons"):
            self._look = gr.Button("预览与检查", min_width=96)
            self._save = gr.Button("保存草稿", variant="primary", min_width=96, elem_id="zd-save")
            self._undo = gr.Button("撤销上次保存", min_width=96)
            self._remove = gr.Button("删除条目", variant="stop", min_width=96, elem_id="zd-remove")
        with gr.Accordion("检查结果", open=True):
            findings = gr.HTML(elem_id="zd-findings")
        with gr.Accordion("客户看到的回答", open=True):
            shown = gr.Markdown(elem_id="zd-preview", sanitize_html=True, latex_delimiters=[])
        with gr.Accordion("与已发布内容的差别", open=False):
            differing = gr.HTML()
        self._judged: list[Any] = [findings, shown, differing]
        self._past = gr.HTML()

    def wire(self, page: gr.Blocks, drafts: gr.HTML) -> None:
        """Connect the tab; ``drafts`` shows the list of drafts elsewhere."""
        wanted = [self._words, self._category, self._kind, self._state]
        listed = [self._list, self._count, self._number]
        gr.on(
            [self._words.submit, self._words.change, self._category.change, self._kind.change, self._state.change],
            self._first_page,
            wanted,
            listed,
            trigger_mode="always_last",
            **QUIET,
        )
        self._back.click(self._page_before, [*wanted, self._number], listed, **QUIET)
        self._on.click(self._page_after, [*wanted, self._number], listed, **QUIET)
        self._new.click(self._on_new, None, self.sheet, **QUIET)
        self._look.click(self._on_look, self._fields, self._judged, **QUIET)
        after = [*self.sheet, *listed, drafts]
        self._save.click(self._on_save, [*self._fields, self._token, *wanted, self._number], after, **QUIET)
        self._undo.click(self._on_undo, [self._fields[0], *wanted, self._number], after, **QUIET)
        self._remove.click(
            self._on_remove,
            [self._fields[0], self._token, *wanted, self._number],
            after,
            js=asking("删除这一条？先存为草稿，发布后才生效，发布前可以撤销。"),
            **QUIET,
        )
        page.load(self._on_load, None, [self._category, *listed, drafts], **QUIET)

    def on_press(self, event: gr.EventData) -> tuple[Update, ...]:
        """Open an entry that was picked in a list of this page."""
        data = pressed(event)
        if data.get("do") != "open":
            return (gr.skip(),) * (1 + len(self.sheet))
        with told():
            return gr.Tabs(selected="edit"), *self._opened(self._office.drafts.open(data.get("id", "")))

    def _on_load(self) -> tuple[Update, ...]:
        try:
            known = categories(self._office.shelf.now())
            drafts = drafts_view(self._office.drafts.all())
        except KbError as error:
            return gr.skip(), notice(error.user_message), "", 1, gr.skip()
        return gr.update(choices=[_ALL, *known]), *self._listed(Wanted(), 1), drafts

    def _first_page(self, words: str, category: str, kind: str, state: str) -> tuple[Update, ...]:
        with told():
            return self._listed(_wanted(words, category, kind, state), 1)

    def _page_before(self, words: str, category: str, kind: str, state: str, number: float) -> tuple[Update, ...]:
        with told():
            return self._listed(_wanted(words, category, kind, state), int(number or 1) - 1)

    def _page_after(self, words: str, category: str, kind: str, state: str, number: float) -> tuple[Update, ...]:
        with told():
            return self._listed(_wanted(words, category, kind, state), int(number or 1) + 1)

    def _listed(self, wanted: Wanted, number: int) -> tuple[Update, ...]:
        page = browse(self._office.shelf.now(), self._office.drafts.all(), wanted, number, self._today())
        return listing(page), counted(page), page.number

    def _on_new(self) -> tuple[Update, ...]:
        name = f"faq-{datetime.fromtimestamp(self._office.clock()):%m%d%H%M%S}"
        with told():
            return self._opened(self._office.drafts.open(name), name)

    def _on_look(self, *texts: str) -> tuple[Update, ...]:
        with told():
            return self._judge(entry_of(texts))

    def _on_save(self, request: gr.Request, *given: Any) -> tuple[Update, ...]:  # noqa: ANN401 - Gradio's values
        count = len(self._fields)
        texts, token, (*filters, number) = given[:count], given[count], given[count + 1 :]
        with told():
            entry = entry_of(texts)
            kept = self._office.drafts.save(entry, str(token), user_of(request).name)
            said("已存为草稿，发布后客户才看得到。" if kept else "与已发布的内容相同，没有留下草稿。")
            return self._after(entry.id, _wanted(*filters), int(number or 1))

    def _on_undo(self, request: gr.Request, name: str, *given: Any) -> tuple[Update, ...]:  # noqa: ANN401
        *filters, number = given
        with told():
            self._office.drafts.undo(entry_target(name), user_of(request).name)
            said("已撤销上一次保存。")
            return self._after(name, _wanted(*filters), int(number or 1))

    def _on_remove(self, request: gr.Request, name: str, token: str, *given: Any) -> tuple[Update, ...]:  # noqa: ANN401
        *filters, number = given
        with told():
            kept = self._office.drafts.remove(entry_target(name), token, user_of(request).name)
            said("已存为删除的草稿，发布后客户就得不到这条回答。" if kept else "这条还没有发布过，草稿已丢弃。")
            return self._after(name, _wanted(*filters), int(number or 1))

    def _after(self, name: str, wanted: Wanted, number: int) -> tuple[Update, ...]:
        drafts = drafts_view(self._office.drafts.all())
        return *self._opened(self._office.drafts.open(name), name), *self._listed(wanted, number), drafts

    def _opened(self, opened: Opened, name: str = "") -> tuple[Update, ...]:
        """Fill the sheet; the id of an entry that exists stays as it is."""
        entry = opened.entry
        texts = texts_of(entry) if entry else empty_texts(name)
        first = gr.update(value=texts[0], interactive=entry is None)
        draft = opened.draft
        judged = self._judge(entry) if entry else ("", "", "")
        judged = self._judge_deletion(draft) if draft and draft.gone else judged
        past = self._office.ledger.log(target=entry_target(texts[0]), limit=30)
        history = folded(f"修改记录（{len(past)}）", audit_view(past)) if past else ""
        return first, *texts[1:], opened.token, _heading(opened), *judged, history

    def _judge(self, entry: FaqEntry) -> tuple[Update, ...]:
        published = self._office.shelf.now()
        findings = check(entry, published, self._office.drafts.all(), self._today())
        return finding_list(findings), self._preview(entry), differences(published.entries.get(entry.id), entry)

    def _judge_deletion(self, draft: Draft) -> tuple[Update, ...]:
        left = left_behind(draft, self._office.shelf.now(), self._office.drafts.all())
        return lines(left) or '<p class="zd-note">没有别的内容提到它。</p>', "*发布后，客户不会再得到这条回答。*", ""

    def _preview(self, entry: FaqEntry) -> str:
        if not entry.answer.short:
            return "*还没有写答案。*"
        assistant, _ = health(self._desk)
        sections = assistant.knowledge.sections if assistant else ()
        documents = assistant.knowledge.documents if assistant else ()
        shown = replace(entry, enabled=True)
        return tame(render_answer(shown, cite(shown, sections, documents), entry.question))

    def _today(self) -> date:
        return datetime.fromtimestamp(self._office.clock()).date()


def _heading(opened: Opened) -> str:
    if opened.entry is None:
        return "<h2>新条目</h2>"
    draft = opened.draft
    by = f'<p class="zd-note">草稿：{escape(draft.author)} 存于 {when(draft.at)}</p>' if draft else ""
    gone = notice("这条将在发布时删除。要留下它，请撤销上次保存，或再保存一次。")
    clash = notice("这条在存草稿之后又被改过（见下面的差别）。确认要用这份草稿就再保存一次，否则请撤销。")
    return f"<h2>{escape(opened.entry.question)}</h2>{by}{gone if draft and draft.gone else ''}{clash if opened.outdated else ''}"


def _wanted(words: object, category: object, kind: object, state: object) -> Wanted:
    chosen = "" if category in (None, _ALL) else str(category)
    return Wanted(str(words or ""), chosen, _KINDS.get(str(kind), ""), _STATES.get(str(state), ""))
