"""Going through the pages of a list."""

from __future__ import annotations

import gradio as gr


def pager() -> tuple[gr.Number, gr.Button, gr.HTML, gr.Button]:
    """Lay out the number of the page, which is not shown, a button back, where one is, and a button on."""
    number = gr.Number(1, visible=False, precision=0)
    with gr.Row(elem_classes="zd-pager"):
        back, count, on = (
            gr.Button("上一页", size="sm", min_width=80),
            gr.HTML(),
            gr.Button("下一页", size="sm", min_width=80),
        )
    return number, back, count, on
