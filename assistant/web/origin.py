"""Whether a request was made by our own pages: a strange page must not act in the name of who is logged in here.

The login's cookie is SameSite=Strict already; this also stops a page on another port or subdomain, which is same-site.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def own(request: Request) -> bool:
    """Tell whether a request changes nothing or comes from our own origin.

    Browsers say where a request comes from; a program that says nothing has no cookie that it was not given.
    """
    if request.method in _SAFE:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
