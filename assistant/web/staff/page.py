"""The staff's page: its tabs, and the search on the first of them."""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.citations import Citer
from assistant.web.access import user_of
from assistant.web.acts import QUIET, bridge, pressed, said, told
from assistant.web.files import asset
from assistant.web.markup import notice
from assistant.web.places import Head, closed_page
from assistant.web.ports import Desk
from assistant.web.sources import source_panel
from assistant.web.staff.filters import ARTICLES, FRESH, Wanted, categories, products
from assistant.web.staff.finder import Finder
from assistant.web.staff.inbox import InboxTab
from assistant.web.talk import health
from assistant.web.visit import LONGEST_QUESTION
from kb.readers.cells import KIND_NAMES

Update = Any  # what Gradio takes as an output: a value or one of its untyped updates
_ALL = "全部"
_KINDS = {name: kind for kind, name in KIND_NAMES.items()} | {ARTICLES: ARTICLES}
_KEYS = (
    '<p class="zd-note">快捷键：<kbd>/</kbd> 到搜索框，<kbd>Esc</kbd> 离开，<kbd>1</kbd>–<kbd>9</kbd> 复制第几条的礼貌版，'
    "<kbd>0</kbd> 都不对</p>"
)


def staff_page(desk: Desk, head: Head) -> gr.Blocks:
    """Build the staff page; it is mounted as a :class:`assistant.web.places.Place`."""
    with closed_page("员工检索", head) as page:
        banner = gr.HTML(elem_id="zd-banner")
        with gr.Tabs(elem_id="zd-tabs"):
            with gr.Tab("检索", id="search"):
                search = _Search(desk)
            if desk.office is not None:
                with gr.Tab("转人工收件箱", id="inbox"):
                    inbox = InboxTab(desk.office)
        buttons = bridge()
        search.wire(page, buttons, banner)
        if desk.office is not None:
            inbox.wire(page, buttons)
    return page


class _Search:
    """Lays the search out and carries out what happens on it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._finder = Finder(desk)
        with gr.Row():
            self._query = gr.Textbox(
                label="客户的问题",
                placeholder="输入客户的原话或关键词，边打边出结果",
                max_length=LONGEST_QUESTION,
                autofocus=True,
                max_lines=1,
                scale=5,
                elem_id="zd-query",
            )
            self._go = gr.Button("检索", variant="primary", scale=0, min_width=88, elem_id="zd-search")
        with gr.Row(elem_id="zd-filters"):
            self._category = gr.Dropdown([_ALL], value=_ALL, label="分类", min_width=110)
            self._kind = gr.Dropdown([_ALL, *_KINDS], value=_ALL, label="类型", min_width=110)
            self._product = gr.Dropdown([_ALL], value=_ALL, label="产品", min_width=110)
            self._fresh = gr.Dropdown([_ALL, *FRESH], value=_ALL, label="新旧", min_width=110)
        gr.HTML(_KEYS)
        with gr.Row():
            with gr.Column(scale=5, min_width=420):
                self._found = gr.HTML(elem_id="zd-findings", js_on_load=asset("search.js"))
            self._source = gr.HTML(elem_id="zd-source", visible="hidden")

    def wire(self, page: gr.Blocks, buttons: gr.HTML, banner: gr.HTML) -> None:
        """Connect the search."""
        filters = [self._category, self._kind, self._product, self._fresh]
        gr.on(
            [self._query.submit, self._go.click, *(part.change for part in filters)],
            self._on_search,
            [self._query, *filters],
            [self._found, banner],
            **QUIET,
        )
        self._found.input(self._on_type, filters, self._found, trigger_mode="multiple", **QUIET)
        buttons.click(self._on_press, None, self._source, **QUIET)
        page.load(self._on_load, None, [banner, self._category, self._product], **QUIET)

    def _on_load(self) -> tuple[Update, ...]:
        assistant, problem = health(self._desk)
        if assistant is None:
            return notice(problem), gr.skip(), gr.skip()
        known, named = categories(assistant.knowledge), products(assistant.knowledge.lexicon)
        return notice(problem), gr.update(choices=[_ALL, *known]), gr.update(choices=[_ALL, *named])

    def _on_search(self, text: str, *filters: str) -> tuple[str, str]:
        return self._finder.html(text, _wanted(*filters)), notice(health(self._desk)[1])

    def _on_type(self, event: gr.EventData, *filters: str) -> str:
        """Search for what is being typed (see ``search.js``)."""
        return self._finder.html(pressed(event).get("q", ""), _wanted(*filters))

    def _on_press(self, event: gr.EventData, request: gr.Request) -> Update:
        data = pressed(event)
        does = data.get("do")
        if does == "source":
            return gr.update(value=self._panel(data.get("entry", "")), visible=True)
        if does in ("right", "none") and self._desk.office is not None:
            with told():
                entry = data.get("entry", "") if does == "right" else ""
                self._desk.office.feedback.mark(data.get("q", ""), entry, user_of(request).name)
                said("已记下，编辑会看到这个说法。" if entry else "已记为未答的问题，编辑会看到。")
        return gr.skip()

    def _panel(self, name: str) -> str:
        """Show the passage that an entry rests on, in its article."""
        assistant, _ = health(self._desk)
        cited = Citer(assistant.knowledge).of(name) if assistant else ()
        return source_panel(cited[0], 1, assistant.knowledge) if assistant and cited else ""


def _wanted(category: str, kind: str, product: str, fresh: str) -> Wanted:
    chosen = [("" if value in (None, _ALL) else value) for value in (category, kind, product, fresh)]
    return Wanted(chosen[0], _KINDS.get(chosen[1], ""), chosen[2], chosen[3])
