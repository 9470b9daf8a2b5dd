"""The tab of uploads: a file is shown as what it would become before any of it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from assistant.editing.uploads import keep, preview
from assistant.web.access import user_of
from assistant.web.acts import QUIET, said, told
from assistant.web.knowledge.publish_views import drafts_view
from assistant.web.knowledge.views import upload_view
from assistant.web.office import Office

_TYPES = [
    *(".md", ".markdown", ".txt", ".html", ".htm", ".docx", ".pdf"),
    *(".xlsx", ".csv", ".tsv", ".jsonl", ".yaml", ".yml"),
]
_MODES = [("合并到已有条目", "merge"), ("只加新的", "append"), ("整条替换", "replace")]
_HINT = (
    '<p class="zd-note">文章：md、txt、html、docx、pdf；问答表：xlsx、csv、jsonl、yaml，第一行为表头'
    "（编号 标准问 相似问 反例问 类型 答案 详情 步骤 原因 分类 依据 核对日期 有效期 启用）。不超过 20 MB。"
    "先看预览，确认后存为草稿，发布后才生效。</p>"
)


class UploadTab:
    """Lays the tab out and carries out what happens on it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        # What the preview had seen of drafts: what others save meanwhile is not lain over.
        self._seen = gr.Textbox(visible=False)
        with gr.Row():
            with gr.Column(scale=2, min_width=280):
                self._file = gr.File(label="选择文件", file_types=_TYPES, height=140, elem_id="zd-upload")
                self._mode = gr.Radio(_MODES, value="merge", label="问答表里已有的条目")
                self._keep = gr.Button("放入草稿", variant="primary", interactive=False, elem_id="zd-keep")
            with gr.Column(scale=5, min_width=420):
                self._shown = gr.HTML(_HINT, elem_id="zd-upload-view")

    def wire(self, drafts: gr.HTML) -> None:
        """Connect the tab; ``drafts`` shows the list of drafts elsewhere."""
        visible: dict[str, Any] = {**QUIET, "show_progress": "full", "show_progress_on": self._shown}
        gr.on(
            [self._file.upload, self._mode.change],
            self._on_file,
            [self._file, self._mode],
            [self._shown, self._keep, self._seen],
            **visible,
        )
        self._file.clear(lambda: (_HINT, gr.update(interactive=False)), None, [self._shown, self._keep], **QUIET)
        self._keep.click(
            self._on_keep,
            [self._file, self._mode, self._seen],
            [self._shown, self._keep, self._file, drafts],
            **visible,
        )

    def _on_file(self, path: str | None, mode: str) -> tuple[Any, ...]:
        if not path:
            return _HINT, gr.update(interactive=False), ""
        with told():
            upload = preview(Path(path), self._office.shelf.now(), self._office.drafts, mode)
            return upload_view(upload), gr.update(interactive=True), upload.seen

    def _on_keep(self, path: str | None, mode: str, seen: str, request: gr.Request) -> tuple[Any, ...]:
        if not path:
            return (gr.skip(),) * 4
        with told():
            # Read again: the page keeps what it showed, not what it had read.
            upload = preview(Path(path), self._office.shelf.now(), self._office.drafts, mode)
            count = keep(upload, self._office.drafts, user_of(request).name, seen)
            Path(path).unlink(missing_ok=True)
            said(f"已放入 {count} 条草稿，请到「草稿与发布」核对并发布。")
            return _HINT, gr.update(interactive=False), None, drafts_view(self._office.drafts.all())
