"""Jinja2 templates as text: compiled once, strict about missing values, never left without an answer.

jinja2 is imported here and, for looking without rendering, in :mod:`assistant.template_check`. Only files of the
package are templates; corpus text and user text are values.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import jinja2

TEMPLATES = Path(__file__).resolve().parent / "templates"
MAX_SAID = 120

_log = logging.getLogger(__name__)
_SPACE = re.compile(r"\s+")
_GAP = re.compile(r"\n{3,}")
# What Markdown or HTML could act on becomes its full-width twin: harmless, and still readable as plain text.
_HARMLESS = str.maketrans({char: chr(ord(char) + 0xFEE0) for char in "\\`*_{}[]<>&#|~$"})
_ENDED = tuple("。！？!?；;：:…~～.")
_CLOSING = "」』”’）)】"
# A verdict stands at the beginning and is short: 会。 / 先别点。 / 一般可以，
_VERDICT = re.compile(r"[^。，！；：*「」（）]{1,8}(?=[。，！；：])")
# What a template can raise over values it did not expect, besides jinja2's own errors.
_FAULTS = (jinja2.TemplateError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError)

OnFault = Callable[[str, Exception], None]


def log_fault(name: str, error: Exception) -> None:
    """Report a template that failed: the reply went out as plain text."""
    _log.error("template %s failed, plain text was sent instead", name, exc_info=error)


class Renderer:
    """Renders templates by name.

    Args:
        loader: where templates come from; the package's own files by default.
        on_fault: told the template's name and the error when one fails.
    """

    def __init__(self, loader: jinja2.BaseLoader | None = None, on_fault: OnFault = log_fault) -> None:
        # Markdown, not HTML: the page sanitises what it renders, and `said` disarms what a user typed.
        self.environment = jinja2.Environment(
            loader=loader or jinja2.FileSystemLoader(TEMPLATES),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.filters.update(said=said, fenced=fenced, stop=stop, verdict=verdict)
        self._names = frozenset(self.environment.list_templates())
        self._on_fault = on_fault

    def has(self, name: str) -> bool:
        """Tell whether there is a template of this name."""
        return name in self._names

    def render(self, name: str, fallback: str, **values: object) -> str:
        """Render a template; where it fails, report that and give the fallback."""
        try:
            text = self.environment.get_template(name).render(values)
        except _FAULTS as error:
            self._on_fault(name, error)
            return fallback
        return _GAP.sub("\n\n", text).strip()


def said(text: str) -> str:
    """Fit a user's words into our text: one line, 120 characters, nothing that Markdown or HTML would act on."""
    line = _SPACE.sub(" ", text).strip().translate(_HARMLESS).replace("://", "：//")
    return line if len(line) <= MAX_SAID else line[:MAX_SAID] + "…"


def fenced(text: str) -> str:
    """Text for a fenced code block, which only a run of backticks could leave."""
    return text.replace("`", "｀").strip()


def stop(text: str) -> str:
    """End the sentence with a full stop, unless it ends with punctuation already."""
    return text if text.rstrip(_CLOSING).endswith(_ENDED) else text + "。"


def verdict(text: str) -> str:
    """Set the short verdict that opens an answer in bold, as in **会**。退多少就恢复多少.

    The punctuation stays outside, or Markdown would not see where the bold ends.
    """
    found = _VERDICT.match(text)
    return f"**{found.group()}**{text[found.end() :]}" if found else text
