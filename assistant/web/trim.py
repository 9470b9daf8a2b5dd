"""A reply's text without what the page shows in a way of its own: sources as buttons, choices as buttons, a summary to copy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.web.visit import Shown

_SOURCES = re.compile(r"(?m)^依[据據]：\[1\].*$\n?")
_SUMMARY = re.compile(r"(?:^|\n)[^\n]*[：:]\n+```text\n(.*?)\n```[ \t]*(?=\n|$)", re.DOTALL)
_ITEM = re.compile(r"^(?:[-*]|\d+\.)\s+(.+)$")
_GAPS = re.compile(r"\n{3,}")
# A shorter detail is read faster than unfolded.
_LONG_DETAIL = 60


@dataclass(frozen=True, slots=True)
class Trimmed:
    """The parts of a reply: Markdown ``text``, a ``detail`` to unfold, a ``summary`` to copy; "" where there is none."""

    text: str
    detail: str = ""
    summary: str = ""


def trim(turn: Shown, detail: str) -> Trimmed:
    """Take a reply's text apart.

    Args:
        turn: the reply.
        detail: the long part of the entry answered from; folded where the text holds it word for word.

    """
    text = turn.text
    if turn.citations:
        text = _SOURCES.sub("", text)
    found = _SUMMARY.search(text)
    if found:
        text = text[: found.start()] + text[found.end() :]
    folded = detail if len(detail) > _LONG_DETAIL and detail in text else ""
    if folded:
        text = text.replace(folded, "", 1)
    text = "\n".join(line for line in text.split("\n") if not _is_option(line, turn))
    return Trimmed(_GAPS.sub("\n\n", text).strip(), folded, found.group(1) if found else "")


def _is_option(line: str, turn: Shown) -> bool:
    item = _ITEM.match(line)
    return item is not None and any(item.group(1).strip() == option.label for option in turn.options)
