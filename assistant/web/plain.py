"""Our own small pages without Gradio: login, account, a notice."""

from __future__ import annotations

from string import Template

from starlette.responses import HTMLResponse

from assistant.web.files import asset
from assistant.web.markup import escape


def plain_page(file: str, /, status: int = 200, **texts: str) -> HTMLResponse:
    """Fill an HTML file of ``assets/`` with texts, all of them escaped, in the style that these pages share."""
    safe = {key: escape(text) for key, text in texts.items()}
    page = Template(asset(file)).substitute(style=asset("plain.css"), **safe)
    return HTMLResponse(page, status, {"cache-control": "no-store"})
