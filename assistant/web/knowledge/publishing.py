"""The tab of drafts: proof, then publish or not; and the record of versions and changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from assistant.editing.candidates import Candidate
from assistant.editing.records import entries_after
from assistant.web.access import user_of
from assistant.web.acts import QUIET, asking, pressed, progress_of, said, told
from assistant.web.knowledge.publish_views import audit_view, drafts_view, proof_view, versions_view
from assistant.web.markup import notice
from assistant.web.office import Office
from kb.errors import KbError

Update = Any  # what Gradio takes as an output: a value or one of its untyped updates
_LOGGED = 200
_BACK = "已回到这个版本，知识库文件也换回去了。"
_ASIDE = "没有发布过的文件改动存在服务器的 {}。"


class PublishTab:
    """Lays the tab out and carries out what happens on it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        with gr.Row():
            with gr.Column(scale=4, min_width=360):
                gr.HTML("<h2>草稿</h2>")
                self.drafts = gr.HTML(elem_id="zd-drafts")
                self._discard_all = gr.Button("丢弃全部草稿", size="sm", elem_id="zd-discard-all")
            with gr.Column(scale=6, min_width=420):
                gr.HTML("<h2>核对与发布</h2>")
                with gr.Row():
                    self._prepare = gr.Button("核对", variant="primary", min_width=96, elem_id="zd-prepare")
                    self._publish = gr.Button("发布", min_width=96, interactive=False, elem_id="zd-publish")
                    self._refuse = gr.Button("不发布", min_width=96, interactive=False, elem_id="zd-refuse")
                self._proof = gr.HTML(elem_id="zd-proof", min_height=120)
        # The candidate that the page shows: pressing 发布 on a page left open publishes nothing unseen.
        self._seen = gr.Textbox(visible=False)

    def wire(self, page: gr.Blocks, record: list[Any]) -> None:
        """Connect the tab; ``record`` shows versions and the audit log."""
        whole = [self._proof, self._seen, self._publish, self._refuse]
        visible: dict[str, Any] = {**QUIET, "show_progress": "full", "show_progress_on": self._proof}
        self._prepare.click(self._on_prepare, None, [*whole, *record], **visible)
        self._publish.click(self._on_publish, [self._seen], [*whole, self.drafts, *record], **visible)
        self._refuse.click(self._on_refuse, None, [*whole, *record], **QUIET)
        self._discard_all.click(
            self._on_discard_all,
            None,
            [self.drafts, *record],
            js=asking("丢弃全部草稿？已发布的内容不变。"),
            **QUIET,
        )
        page.load(self._waiting, None, whole, **QUIET)

    def record(self) -> tuple[Update, ...]:
        """Give versions and audit log as they are now."""
        try:
            log = self._office.ledger.log(limit=_LOGGED)
            return versions_view(self._office.publisher.versions()), f"<h2>修改记录</h2>{audit_view(log)}"
        except KbError as error:
            return notice(error.user_message), ""

    def on_press(self, event: gr.EventData, request: gr.Request) -> tuple[Update, ...]:
        """Undo or discard one draft, or go back to a version."""
        data, author = pressed(event), user_of(request).name
        doing: dict[str, Callable[[str, str], object]] = {
            "undo": self._office.drafts.undo,
            "discard": self._office.drafts.discard,
            "rollback": self._office.publisher.roll_back,
        }
        does = doing.get(data.get("do", ""))
        if does is None:
            return (gr.skip(),) * 3
        with told():
            left = does(data.get("target", ""), author)
            said(_BACK + (_ASIDE.format(left) if left else "") if data["do"] == "rollback" else "草稿已更新。")
            return drafts_view(self._office.drafts.all()), *self.record()

    def _waiting(self) -> tuple[Update, ...]:
        try:
            return self._shown(self._office.publisher.candidate())
        except KbError as error:
            return notice(error.user_message), "", gr.skip(), gr.skip()

    def _shown(self, candidate: Candidate | None) -> tuple[Update, ...]:
        enabled = gr.update(interactive=candidate is not None, variant="primary" if candidate else "secondary")
        version = candidate.version if candidate else ""
        return proof_view(candidate, self._names()), version, enabled, gr.update(interactive=candidate is not None)

    def _names(self) -> dict[str, str]:
        """Standard questions by id, those of drafts too, and of what a draft deletes."""
        published = self._office.shelf.now().entries
        after = entries_after(published, self._office.drafts.all())
        return {name: entry.question for name, entry in {**published, **after}.items()}

    def _on_prepare(
        self,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio's way
    ) -> tuple[Update, ...]:
        with told():
            candidate = self._office.publisher.prepare(user_of(request).name, progress_of(progress))
            return *self._shown(candidate), *self.record()

    def _on_publish(self, version: str, request: gr.Request) -> tuple[Update, ...]:
        with told():
            self._office.publisher.publish(version, user_of(request).name)
            said("已发布，客户从下一个问题起就用新版本。")
            return *self._shown(None), drafts_view(self._office.drafts.all()), *self.record()

    def _on_refuse(self, request: gr.Request) -> tuple[Update, ...]:
        with told():
            self._office.publisher.discard(user_of(request).name)
            return *self._shown(None), *self.record()

    def _on_discard_all(self, request: gr.Request) -> tuple[Update, ...]:
        with told():
            count = self._office.drafts.discard_all(user_of(request).name)
            said(f"已丢弃 {count} 条草稿。")
            return drafts_view(self._office.drafts.all()), *self.record()
