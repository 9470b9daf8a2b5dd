"""Buttons inside our own HTML that call the server: ``office.js`` reports what is pressed, with its data."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import gradio as gr

from assistant.web.files import asset
from assistant.web.markup import block, escape
from kb.errors import KbError

# How every event of the closed pages is wired: no endpoint of it shows up anywhere, and nothing flickers.
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

_log = logging.getLogger(__name__)


def bridge() -> gr.HTML:
    """Place the component that reports presses; wire its ``click``."""
    return gr.HTML(elem_id="zd-bridge", js_on_load=asset("office.js"))


def act(does: str, label: str, *, css: str = "", ask: str = "", **data: object) -> str:
    """Make a button.

    Args:
        does: what it does, for :func:`pressed`.
        label: what it says.
        css: more classes.
        ask: a question to be confirmed first.
        data: goes along, as text.

    """
    given = "".join(f' data-{name}="{escape(str(value))}"' for name, value in data.items())
    confirm = f' data-ask="{escape(ask)}"' if ask else ""
    return f'<button type="button" class="zd-button {css}" data-do="{escape(does)}"{confirm}{given}>{escape(label)}</button>'


def copy_button(label: str, text: str, *, key: str = "") -> str:
    """Make a button that copies a text without calling the server; ``key`` presses it."""
    pressed_by = f' data-key="{escape(key)}" title="按 {escape(key)}"' if key else ""
    return f'<button type="button" class="zd-button" data-copy="{escape(text)}"{pressed_by}>{escape(label)}</button>'


def asking(question: str) -> str:
    """Make the ``js`` of an event that happens only once the question was confirmed; its inputs go through."""
    return f"(...given) => {{ if (!window.confirm({json.dumps(question, ensure_ascii=False)})) throw new Error('kept'); return given; }}"


def pressed(event: gr.EventData) -> dict[str, str]:
    """Give what a button has sent along, which anybody may forge: ``do`` and its data, all text."""
    data = event._data if isinstance(event._data, dict) else {}
    return {str(name): str(value) for name, value in data.items()}


@contextmanager
def told() -> Iterator[None]:
    """Show what went wrong as a message over the page, which keeps what was typed on it."""
    try:
        yield
    except KbError as error:
        _log.info("refused: %s", error)
        raise gr.Error(error.user_message, title="没有完成", duration=12, print_exception=False) from error


def said(message: str, title: str = "好了") -> None:
    """Show that something was done."""
    gr.Info(message, title=title, duration=5)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str = "没有", css: str = "") -> str:
    """Make a table of cells that are HTML already; on a narrow screen each row becomes a card."""
    if not rows:
        return f'<p class="zd-note">{escape(empty)}</p>'
    titles = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    return (
        f'<table class="zd-table {css}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(_row(head, cells) for cells in rows)}</tbody></table>"
    )


def folded(title: str, inner: str, *, opened: bool = False) -> str:
    """Fold HTML under a title."""
    mark = " open" if opened else ""
    return f'<details class="zd-fold"{mark}><summary>{escape(title)}</summary>{inner}</details>'


def chip(text: str, kind: str = "") -> str:
    """Make a small label; ``kind`` is good, bad, warn or nothing."""
    return f'<span class="zd-chip {f"zd-{kind}" if kind else ""}">{escape(text)}</span>'


def when(at: float) -> str:
    """Write a time in seconds since 1970 as people of this machine's time zone read it."""
    return f"{datetime.fromtimestamp(at).astimezone():%m-%d %H:%M}" if at else ""


def lines(items: Sequence[str]) -> str:
    """List texts, escaped; nothing for none."""
    return f"<ul class='zd-list'>{''.join(f'<li>{block(item)}</li>' for item in items)}</ul>" if items else ""


def progress_of(progress: Callable[..., object]) -> Callable[[str, float], None]:
    """Turn Gradio's progress into ours: a Chinese phrase and the share done."""
    return lambda phrase, share: (progress(min(share, 1.0), desc=phrase), None)[1]


def _row(head: Sequence[str], cells: Sequence[str]) -> str:
    inner = "".join(f'<td data-title="{escape(name)}">{cell}</td>' for name, cell in zip(head, cells, strict=True))
    return f"<tr>{inner}</tr>"
