"""The tab of articles: a list, and a sheet to edit one's file on, with how it would be cut."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import gradio as gr

from assistant.editing.browse import browse_articles
from assistant.editing.checks import check_article
from assistant.editing.records import OpenedArticle, article_target
from assistant.web.access import user_of
from assistant.web.acts import QUIET, asking, folded, pressed, said, told
from assistant.web.knowledge.article_views import article_differences, article_heading, article_list
from assistant.web.knowledge.pager import pager
from assistant.web.knowledge.publish_views import audit_view, drafts_view
from assistant.web.knowledge.views import chunk_table, counted, finding_list
from assistant.web.markup import notice
from assistant.web.office import Office
from kb.chunking import split
from kb.errors import CorpusError, KbError
from kb.exchange.article_files import parsed_article

Update = Any  # what Gradio takes as an output: a value or one of its untyped updates
_LONGEST = 2_000_000
_EMPTY = """---
id: {id}
title: 标题
category: 分类
checked_on: {day}
---
# 标题

## 一、第一节
<!-- facts: F001 -->

正文。
"""


class ArticleTab:
    """Lays the tab out and carries out what happens on it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        with gr.Row(elem_id="zd-articles"):
            with gr.Column(scale=5, min_width=360):
                self._lay_out_list()
            with gr.Column(scale=6, min_width=420, elem_id="zd-article"):
                self._lay_out_sheet()
        # What :meth:`on_press` fills when an article is opened.
        self.sheet = [self._name, self._text, self._token, self._heading, *self._judged, self._past]

    def _lay_out_list(self) -> None:
        with gr.Row():
            self._words = gr.Textbox(
                label="查找", placeholder="标题、正文里的词", max_length=200, scale=4, min_width=160
            )
            self._new = gr.Button("新建文章", scale=0, min_width=96, elem_id="zd-new-article")
        self._list = gr.HTML(elem_id="zd-article-list")
        self._number, self._back, self._count, self._on = pager()

    def _lay_out_sheet(self) -> None:
        self._heading = gr.HTML('<p class="zd-note zd-empty">从列表里选一篇，或新建。</p>')
        self._token = gr.Textbox(visible=False)
        self._name = gr.Textbox(label="文件名", max_length=100, max_lines=1, elem_id="zd-article-name")
        self._text = gr.Textbox(
            label="全文（Markdown；开头是编号、标题、分类、核对日期；标题下一行写依据：<!-- facts: F001 -->）",
            lines=18,
            max_lines=30,
            max_length=_LONGEST,
            elem_id="zd-article-text",
        )
        with gr.Row(elem_classes="zd-sheet-buttons"):
            self._look = gr.Button("预览与检查", min_width=96)
            self._save = gr.Button("保存草稿", variant="primary", min_width=96, elem_id="zd-article-save")
            self._undo = gr.Button("撤销上次保存", min_width=96)
            self._remove = gr.Button("删除文章", variant="stop", min_width=96)
        with gr.Accordion("检查结果", open=True):
            findings = gr.HTML(elem_id="zd-article-findings")
        with gr.Accordion("切成的段落", open=True):
            chunks = gr.HTML(elem_id="zd-article-chunks")
        with gr.Accordion("与已发布内容的差别", open=False):
            differing = gr.HTML(elem_id="zd-article-differences")
        self._judged: list[Any] = [findings, chunks, differing]
        self._past = gr.HTML()

    def wire(self, page: gr.Blocks, drafts: gr.HTML) -> None:
        """Connect the tab; ``drafts`` shows the list of drafts elsewhere."""
        listed = [self._list, self._count, self._number]
        gr.on(
            [page.load, self._words.submit, self._words.change],
            self._first_page,
            self._words,
            listed,
            trigger_mode="always_last",
            **QUIET,
        )
        self._back.click(self._page_before, [self._words, self._number], listed, **QUIET)
        self._on.click(self._page_after, [self._words, self._number], listed, **QUIET)
        self._new.click(self._on_new, None, self.sheet, **QUIET)
        self._look.click(self._on_look, [self._name, self._text], self._judged, **QUIET)
        after, where = [*self.sheet, *listed, drafts], [self._words, self._number]
        self._save.click(self._on_save, [self._name, self._text, self._token, *where], after, **QUIET)
        self._undo.click(self._on_undo, [self._name, *where], after, **QUIET)
        self._remove.click(
            self._on_remove,
            [self._name, self._token, *where],
            after,
            js=asking("删除这篇文章？先存为草稿，发布后才生效，发布前可以撤销。"),
            **QUIET,
        )

    def on_press(self, event: gr.EventData) -> tuple[Update, ...]:
        """Open an article that was picked in a list of this page."""
        data = pressed(event)
        if data.get("do") != "open-article":
            return (gr.skip(),) * (1 + len(self.sheet))
        with told():
            return gr.Tabs(selected="articles"), *self._opened(self._office.drafts.open_article(data.get("id", "")))

    def _first_page(self, words: str) -> tuple[Update, ...]:
        try:
            return self._listed(words, 1)
        except KbError as error:
            return notice(error.user_message), "", 1

    def _page_before(self, words: str, number: float) -> tuple[Update, ...]:
        with told():
            return self._listed(words, int(number or 1) - 1)

    def _page_after(self, words: str, number: float) -> tuple[Update, ...]:
        with told():
            return self._listed(words, int(number or 1) + 1)

    def _listed(self, words: str, number: int) -> tuple[Update, ...]:
        page = browse_articles(self._office.shelf.now(), self._office.drafts.all(), words or "", number)
        return article_list(page), counted(page), page.number

    def _on_new(self) -> tuple[Update, ...]:
        now = datetime.fromtimestamp(self._office.clock())
        name = f"art-{now:%m%d%H%M%S}"
        with told():
            opened = self._office.drafts.open_article(f"{name}.md")
            first, _, *rest = self._opened(opened)
            return first, _EMPTY.format(id=name, day=f"{now:%Y-%m-%d}"), *rest

    def _on_look(self, name: str, text: str) -> tuple[Update, ...]:
        with told():
            return self._judge(name, text)

    def _on_save(
        self, name: str, text: str, token: str, words: str, number: float, request: gr.Request
    ) -> tuple[Update, ...]:
        with told():
            kept = self._office.drafts.save_article(name.strip(), text, token, user_of(request).name)
            said("已存为草稿，发布后客户才看得到。" if kept else "与已发布的内容相同，没有留下草稿。")
            return self._after(name.strip(), words, number)

    def _on_undo(self, name: str, words: str, number: float, request: gr.Request) -> tuple[Update, ...]:
        with told():
            self._office.drafts.undo(article_target(name), user_of(request).name)
            said("已撤销上一次保存。")
            return self._after(name, words, number)

    def _on_remove(self, name: str, token: str, words: str, number: float, request: gr.Request) -> tuple[Update, ...]:
        with told():
            kept = self._office.drafts.remove(article_target(name), token, user_of(request).name)
            said("已存为删除的草稿，发布后生效。" if kept else "这篇还没有发布过，草稿已丢弃。")
            return self._after(name, words, number)

    def _after(self, name: str, words: str, number: float) -> tuple[Update, ...]:
        opened = self._office.drafts.open_article(name)
        drafts = drafts_view(self._office.drafts.all())
        return *self._opened(opened), *self._listed(words, int(number or 1)), drafts

    def _opened(self, opened: OpenedArticle) -> tuple[Update, ...]:
        """Fill the sheet; the file name of an article that exists stays as it is."""
        name = gr.update(value=opened.name, interactive=not opened.text)
        judged = self._judge(opened.name, opened.text) if opened.text else ("", "", "")
        past = self._office.ledger.log(target=article_target(opened.name), limit=30)
        history = folded(f"修改记录（{len(past)}）", audit_view(past)) if past else ""
        return name, opened.text, opened.token, article_heading(opened), *judged, history

    def _judge(self, name: str, text: str) -> tuple[Update, ...]:
        published = self._office.shelf.now()
        differing = article_differences(published.texts.get(name, ""), text)
        try:
            document = parsed_article(text, name)
        except CorpusError as error:
            return notice(error.user_message), "<p>没有可以切的正文。</p>", differing
        return finding_list(check_article(text, name, published)), chunk_table(split(document)[1]), differing
