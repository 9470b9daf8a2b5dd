"""Which other sites may show the chat in a frame."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from kb.errors import UsageError

_HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", re.IGNORECASE)


def sites(given: Iterable[str]) -> tuple[str, ...]:
    """Read origins such as ``https://help.example.com``, one or several in a text, as sources of a CSP.

    Raises:
        UsageError: one is no origin.

    """
    return tuple(_origin(site) for text in given for site in text.replace(",", " ").split())


def _origin(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not plain or not _HOST.fullmatch(parts.netloc):
        raise UsageError(
            f"no origin: {text!r}",
            user_message=f"“{text}”不是网站地址，请写成 https://help.example.com（协议、域名、端口，不带路径）。",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"
