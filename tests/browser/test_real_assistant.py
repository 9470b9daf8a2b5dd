"""The whole thing as a user starts it: ``app.py``, the shipped corpus, the real model. The index is built once for the session."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import running
from page_fakes import ASKED
from real_shots import take
from test_chat_page import box, expect, greeted, replies, say

if TYPE_CHECKING:
    from conftest import Visitors

APP = Path(__file__).parents[2] / "app.py"


@pytest.mark.model
def test_the_first_question_is_answered_from_the_shipped_corpus(
    visitors: Visitors, shot: Any, shipped_store: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(shipped_store, store)  # the server writes its accounts and history beside the index
    with running(str(APP), "--port", "0", "--store", str(store)) as url:
        take(lambda **options: visitors.open(url, **options), url, shot)
        page = greeted(visitors.open(url))
        say(page, ASKED)
        expect(replies(page)).to_have_count(2, timeout=30_000)
        expect(replies(page).last).to_contain_text("商家")
        expect(box(page)).to_have_value("")
        assert visitors.complaints == []
