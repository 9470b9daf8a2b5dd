"""The page of evaluation: its parts and what happens on them."""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.editing.proving import own_test_set
from assistant.evaluation import Run, compare
from assistant.evaluation.differences import differences, question_words
from assistant.publish import identity_of, replay
from assistant.web.acts import QUIET, bridge, pressed, progress_of, said, told
from assistant.web.evaluation.views import comparison_view, label, report_frame, runs_view
from assistant.web.markup import notice
from assistant.web.office import Office
from assistant.web.places import Head, closed_page
from assistant.web.ports import Desk, office_of
from kb.errors import KbError, UsageError

Update = Any  # what Gradio takes as an output: a value or one of its untyped updates
_LISTED = 50
_SERVING = ("现在服务的版本", "")


def evaluation_page(desk: Desk, head: Head) -> gr.Blocks:
    """Build the page; it is mounted as a :class:`assistant.web.places.Place`."""
    with closed_page("评测", head, at_once=2) as page:
        _Evaluation(office_of(desk), page)
    return page


class _Evaluation:
    """Lays the page out and wires it."""

    def __init__(self, office: Office, page: gr.Blocks) -> None:
        self._office = office
        with gr.Tabs(elem_id="zd-tabs") as self._tabs:
            with gr.Tab("评测", id="runs"):
                with gr.Row():
                    self._version = gr.Dropdown([_SERVING], value="", label="版本", elem_id="zd-version", scale=2)
                    self._run = gr.Button("运行测试集", variant="primary", scale=0, min_width=160, elem_id="zd-run")
                self._progress = gr.HTML(min_height=56, elem_id="zd-progress")
                self._list = gr.HTML(elem_id="zd-runs")
            with gr.Tab("报告", id="report"):
                self._report = gr.HTML('<p class="zd-note">在「评测」里选一次看报告。</p>', elem_id="zd-report")
            with gr.Tab("逐题比较", id="compare"):
                with gr.Row():
                    self._before = gr.Dropdown([], label="之前", elem_id="zd-before")
                    self._after = gr.Dropdown([], label="之后", elem_id="zd-after")
                    self._compare = gr.Button("比较", variant="primary", scale=0, min_width=88, elem_id="zd-compare")
                self._compared = gr.HTML(elem_id="zd-compared")
        self._wire(page, bridge())

    def _wire(self, page: gr.Blocks, buttons: gr.HTML) -> None:
        listed = [self._list, self._before, self._after, self._version]
        visible: dict[str, Any] = {**QUIET, "show_progress": "full", "show_progress_on": self._progress}
        page.load(self._listed, None, listed, **QUIET)
        self._run.click(
            self._on_run, [self._version], [self._progress, *listed, self._report], concurrency_limit=1, **visible
        )
        self._compare.click(self._on_compare, [self._before, self._after], self._compared, **QUIET)
        buttons.click(self._on_press, None, [self._tabs, self._report], **QUIET)

    def _listed(self) -> tuple[Update, ...]:
        try:
            runs, versions = self._runs(), self._versions()
        except KbError as error:
            return notice(error.user_message), gr.skip(), gr.skip(), gr.skip()
        choices = [(label(run), run.id) for run in reversed(runs)]
        older = choices[1][1] if len(choices) > 1 else None
        newest = choices[0][1] if choices else None
        shown = gr.update(choices=choices, value=older), gr.update(choices=choices, value=newest)
        return runs_view(runs), *shown, gr.update(choices=versions)

    def _versions(self) -> list[tuple[str, str]]:
        """The one that serves, one that waits for a decision, and those that can serve again."""
        candidate = self._office.publisher.candidate()
        waiting = [("核对过、还没发布的版本", candidate.version)] if candidate else []
        older = [kept for kept in self._office.publisher.versions() if not kept.serves]
        return [_SERVING, *waiting, *((f"{kept.created.replace('T', ' ')[:16]} UTC", kept.version) for kept in older)]

    def _runs(self) -> tuple[Run, ...]:
        return tuple(self._office.runs.load(run) for run in self._office.runs.ids()[-_LISTED:])

    def _on_run(
        self,
        version: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio's way
    ) -> tuple[Update, ...]:
        from assistant.evaluation.report_html import render_html  # matplotlib: only for who looks at a report

        with told():
            files = own_test_set(self._office.corpus)
            if not any(files):
                raise UsageError("no test set", user_message="知识库里没有 questions/*.jsonl，没有题目可以评测。")
            opened = self._office.workspace.open(version or None)
            report = replay(opened, files, progress_of(progress))
            data = report.to_json()
            run = self._office.runs.append(data, version=opened.version.id, identity=identity_of(opened))
            categories = {entry.id: entry.category for entry in opened.knowledge.entries}
            about = {"时间": label(run), "索引版本": run.version}
            self._office.runs.keep_page(run.id, render_html(report, about, categories=categories, samples=300))
            said("评测完成，结果已保存。")
            return "", *self._listed(), report_frame(self._office.runs.page(run.id))

    def _on_compare(self, before: str | None, after: str | None) -> str:
        with told():
            if not before or not after:
                raise UsageError("two runs needed", user_message="请先选两次评测；只有一次时，改动发布后再运行一次。")
            one, two = self._office.runs.load(before).report, self._office.runs.load(after).report
            found, words = compare(one, two), question_words(self._office.corpus)
            lost, gained = (differences(items, one, two, words) for items in (found.lost, found.gained))
            return comparison_view(found, lost, gained)

    def _on_press(self, event: gr.EventData) -> tuple[Update, ...]:
        data = pressed(event)
        if data.get("do") != "report":
            return gr.skip(), gr.skip()
        with told():
            return gr.Tabs(selected="report"), report_frame(self._office.runs.page(data.get("run", "")))
