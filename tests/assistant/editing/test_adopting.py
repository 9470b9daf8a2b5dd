from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant.editing.adopting import adopt_alternates, adopt_new
from assistant.editing.errors import EditError

if TYPE_CHECKING:
    from conftest import Bench


def test_questions_become_alternates(bench: Bench) -> None:
    draft = adopt_alternates(bench.drafts, "open", ("月付咋整", "抖音月付怎么开通？"), "张三")
    assert draft is not None and draft.entry is not None and draft.origin == "cluster"
    assert draft.entry.alternates[-1] == "月付咋整"
    assert adopt_alternates(bench.drafts, "open", ("月付咋整",), "李四") == draft
    assert adopt_alternates(bench.drafts, "close", ("抖音月付怎么关闭？",), "张三") is None
    with pytest.raises(EditError):
        adopt_alternates(bench.drafts, "none", ("月付咋整",), "张三")


def test_a_new_entry_waits_for_its_answer(bench: Bench) -> None:
    name = adopt_new(bench.drafts, ("能分几期", "可以分期吗"), "张三")
    entry = bench.drafts.open(name).entry
    assert entry is not None and (entry.question, entry.alternates) == ("能分几期", ("可以分期吗",))
    assert adopt_new(bench.drafts, ("能分几期", "可以分期吗"), "李四") == name
    assert len(bench.drafts.all()) == 1

    with pytest.raises(EditError) as caught:
        bench.publisher.prepare("张三", bench.say)
    assert "「能分几期」" in caught.value.user_message
