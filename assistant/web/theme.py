"""Colours and fonts of all pages: fonts of the reader's own system, so that nothing is fetched."""

from __future__ import annotations

import gradio as gr

_FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "sans-serif")
_MONO = ("ui-monospace", "Consolas", "Noto Sans Mono CJK SC", "monospace")


def theme() -> gr.themes.Base:
    """Build the theme; light and dark follow the reader's system."""
    made = gr.themes.Base(
        primary_hue="teal", neutral_hue="slate", radius_size="lg", font=list(_FONTS), font_mono=list(_MONO)
    )
    return made.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_text_color="white",
        body_text_color_subdued="*neutral_500",  # 4.5:1 on white
        block_border_width="0px",
    )
