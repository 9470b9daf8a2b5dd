"""The editors' page: its tabs, and what passes from one to another."""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.web.acts import QUIET, bridge
from assistant.web.knowledge.articles import ArticleTab
from assistant.web.knowledge.editing import EditTab
from assistant.web.knowledge.publishing import PublishTab
from assistant.web.knowledge.uploading import UploadTab
from assistant.web.office import Office
from assistant.web.places import Head, show_head
from assistant.web.ports import Desk, office_of

_KEPT_SECONDS = 3_600


def knowledge_page(desk: Desk, head: Head) -> gr.Blocks:
    """Build the page; it is mounted as a :class:`assistant.web.places.Place`."""
    page: gr.Blocks
    office = office_of(desk)
    # What was uploaded goes after an hour, taken over or not.
    cache = (_KEPT_SECONDS, _KEPT_SECONDS)
    with gr.Blocks(title="知答 · 知识库", analytics_enabled=False, delete_cache=cache) as page:
        top = gr.HTML()
        with gr.Tabs(elem_id="zd-tabs") as tabs:
            with gr.Tab("条目", id="edit"):
                edit = EditTab(desk, office)
            with gr.Tab("文章", id="articles"):
                articles = ArticleTab(office)
            with gr.Tab("导入", id="upload"):
                upload = UploadTab(office)
            with gr.Tab("草稿与发布", id="publish"):
                publish = PublishTab(office)
            with gr.Tab("版本与记录", id="versions"):
                versions, audit = gr.HTML(), gr.HTML()
        pressed = bridge()
        _wire(page, office, tabs, (edit, articles, upload, publish), (versions, audit, pressed))
        show_head(page, head, top)
    page.queue(default_concurrency_limit=4, api_open=False)
    return page


def _wire(
    page: gr.Blocks,
    office: Office,
    tabs: gr.Tabs,
    parts: tuple[EditTab, ArticleTab, UploadTab, PublishTab],
    shown: tuple[gr.HTML, gr.HTML, gr.HTML],
) -> None:
    edit, articles, upload, publish = parts
    versions, audit, pressed = shown
    record: list[Any] = [versions, audit]

    edit.wire(page, publish.drafts)
    articles.wire(page, publish.drafts)
    upload.wire(publish.drafts)
    publish.wire(page, record)
    pressed.click(edit.on_press, None, [tabs, *edit.sheet], **QUIET)
    pressed.click(articles.on_press, None, [tabs, *articles.sheet], **QUIET)
    pressed.click(publish.on_press, None, [publish.drafts, *record], **QUIET)
    page.load(publish.record, None, record, **QUIET)
