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
from assistant.web.places import Head, closed_page
from assistant.web.ports import Desk, office_of

# What was uploaded goes after an hour, taken over or not.
_KEPT_SECONDS = 3_600


def knowledge_page(desk: Desk, head: Head) -> gr.Blocks:
    """Build the page; it is mounted as a :class:`assistant.web.places.Place`."""
    office = office_of(desk)
    with closed_page("知识库", head, kept_seconds=_KEPT_SECONDS) as page:
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
