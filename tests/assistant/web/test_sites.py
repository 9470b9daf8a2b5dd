from __future__ import annotations

import pytest

from assistant.web.sites import sites
from kb.errors import UsageError


def test_origins_are_read_one_by_one_or_many_in_a_text() -> None:
    assert sites([]) == () == sites([""])
    assert sites(["https://Help.example.com/", "http://localhost:8000,https://*.example.org"]) == (
        "https://help.example.com",
        "http://localhost:8000",
        "https://*.example.org",
    )


@pytest.mark.parametrize(
    "text",
    [
        "help.example.com",
        "https://a.example/path",
        "javascript:alert(1)",
        "*",
        "https://a;script-src",
        "https://[",
        "https://u@a.example",
    ],
)
def test_anything_else_is_refused_in_chinese(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        sites([text])
    assert "不是网站地址" in raised.value.user_message
