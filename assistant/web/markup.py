"""Text into what the browser shows: the only place where HTML and Markdown are escaped."""

from __future__ import annotations

import html
import re
import string
from collections.abc import Iterable

_PUNCTUATION = re.compile(f"([{re.escape(string.punctuation)}])")
_INDENT = re.compile(r"(?m)^[ \t]+")
_LINK = re.compile(r"(!?)\[([^\]\n]*)\]\(([^)\n]*)\)")
_TEMPLATE = {ord(character): f"&#{ord(character)};" for character in "{}$`\\"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def escape(text: str) -> str:
    """Make text safe inside an HTML element or a quoted attribute; bidi and control characters are dropped.

    Braces and dollars too: gr.HTML runs its content through two template engines.
    """
    return html.escape(_CONTROL.sub("", text), quote=True).translate(_TEMPLATE)


def literal(text: str) -> str:
    """Make Markdown that shows a text exactly as typed: no markup, no link, no image comes of it."""
    clean = _INDENT.sub(lambda found: "\u00a0" * len(found.group()), _CONTROL.sub("", text))
    return _PUNCTUATION.sub(r"\\\1", clean)


def tame(markdown: str) -> str:
    """Keep the formatting of a reply's Markdown, but show raw HTML, images and links as plain words."""
    words = _LINK.sub(lambda found: found.group(2) or found.group(3), _CONTROL.sub("", markdown))
    return words.replace("&", "&amp;").replace("<", "&lt;").replace("://", ":&#47;&#47;")


def highlighted(text: str, words: Iterable[str]) -> str:
    """Make one line of HTML of escaped text, with every occurrence of the words in ``<mark>``."""
    wanted = sorted({word for word in words if word.strip()}, key=len, reverse=True)
    if not wanted:
        return block(text)
    pieces = re.split(f"({'|'.join(map(re.escape, wanted))})", text, flags=re.IGNORECASE)
    return "".join(f"<mark>{block(piece)}</mark>" if at % 2 else block(piece) for at, piece in enumerate(pieces))


def block(text: str) -> str:
    """Make one line of HTML of escaped text, its line breaks kept: a blank line would end an HTML block in Markdown."""
    return escape(text).replace("\r", "").replace("\n", "<br>")


def button(action: str, label: str, *numbers: int, css: str = "") -> str:
    """Make a button that ``chat.js`` carries out or reports to the server.

    What it does stands in a class, ``zd-do--cite--3--1``: the chat window's sanitiser removes all other attributes.
    """
    does = "--".join(("zd-do", action, *(str(number) for number in numbers)))
    return f'<button type="button" class="zd-button {css} {does}">{escape(label)}</button>'


def notice(problem: str) -> str:
    """Show what is wrong where everybody sees it; "" takes no room."""
    return f'<div class="zd-notice" role="status">{escape(problem)}</div>' if problem else ""
