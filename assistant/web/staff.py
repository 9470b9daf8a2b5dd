"""The staff's search page."""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.web.files import asset
from assistant.web.findings import findings
from assistant.web.markup import notice
from assistant.web.places import Head, show_head
from assistant.web.ports import Desk
from assistant.web.talk import health
from assistant.web.visit import LONGEST_QUESTION

_SHOWN = 10


def staff_page(desk: Desk, head: Head) -> gr.Blocks:
    """Build the staff page; it is mounted as a :class:`assistant.web.places.Place`."""
    page: gr.Blocks
    with gr.Blocks(title="知答 · 员工检索", analytics_enabled=False) as page:
        top = gr.HTML()
        banner = gr.HTML()
        with gr.Row():
            query = gr.Textbox(
                label="客户的问题",
                placeholder="输入客户的原话或关键词，回车检索",
                max_length=LONGEST_QUESTION,
                autofocus=True,
                max_lines=1,
                scale=5,
                elem_id="zd-query",
            )
            search = gr.Button("检索", variant="primary", scale=0, min_width=88, elem_id="zd-search")
        table = gr.HTML(elem_id="zd-findings")
        gr.HTML(elem_id="zd-bridge", js_on_load=asset("chat.js"), visible=True)
        _wire(page, desk, (query, search, table, banner))
        show_head(page, head, top)
    page.queue(default_concurrency_limit=4, api_open=False)
    return page


def _wire(page: gr.Blocks, desk: Desk, parts: tuple[gr.Textbox, gr.Button, gr.HTML, gr.HTML]) -> None:
    query, search, table, banner = parts
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    def found(text: str) -> tuple[str, str]:
        return _found(desk, text)

    def state() -> str:
        return notice(health(desk)[1])

    gr.on([query.submit, search.click], found, [query], [table, banner], **quiet)
    page.load(state, None, banner, **quiet)


def _found(desk: Desk, text: str) -> tuple[str, str]:
    assistant, problem = health(desk)
    question = text.strip()[:LONGEST_QUESTION]
    if assistant is None or not question:
        return "", notice(problem)
    searcher = assistant.searcher
    return findings(searcher.search(question, _SHOWN), searcher.ranker, assistant.knowledge), notice(problem)
