from __future__ import annotations

import pytest
from starlette.requests import Request

from assistant.web.origin import own


def request(method: str, **headers: str) -> Request:
    listed = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "headers": listed})


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("GET", {"sec_fetch_site": "cross-site"}, True),
        ("POST", {"sec_fetch_site": "same-origin"}, True),
        ("POST", {"sec_fetch_site": "none"}, True),
        ("POST", {"sec_fetch_site": "same-site", "origin": "http://a", "host": "a"}, False),
        ("POST", {"sec_fetch_site": "cross-site"}, False),
        ("DELETE", {"origin": "http://evil.example", "host": "127.0.0.1:7860"}, False),
        ("POST", {"origin": "http://127.0.0.1:7861", "host": "127.0.0.1:7860"}, False),
        ("POST", {"origin": "http://127.0.0.1:7860", "host": "127.0.0.1:7860"}, True),
        ("POST", {"origin": "null", "host": "127.0.0.1"}, False),
        ("POST", {"host": "127.0.0.1"}, True),
    ],
)
def test_only_our_own_pages_may_change_something(method: str, headers: dict[str, str], expected: bool) -> None:
    assert own(request(method, **headers)) is expected
