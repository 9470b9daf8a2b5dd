from __future__ import annotations

from pathlib import Path

import pytest

from assistant.editing.errors import ConflictError
from assistant.editing.feedback import Feedback
from assistant.editing.ledger import Ledger
from assistant.insights.inbox import Claim


@pytest.fixture
def feedback(tmp_path: Path) -> Feedback:
    return Feedback(Ledger(tmp_path / "desk.sqlite"), clock=lambda: 500.0)


def test_marks_are_masked_and_the_last_of_a_person_counts(feedback: Feedback) -> None:
    feedback.mark("我手机13812345678怎么开通", "open", "张三")
    feedback.mark("月付咋整", "open", "张三")
    feedback.mark("月付咋整", "", "张三")
    feedback.mark("月付咋整", "close", "李四")

    marks = [(mark.question, mark.entry, mark.author) for mark in feedback.marks(0.0)]
    assert marks == [
        ("月付咋整", "close", "李四"),
        ("月付咋整", "", "张三"),
        ("我手机【手机号】怎么开通", "open", "张三"),
    ]
    assert feedback.marks(501.0) == ()


def test_a_handoff_has_one_owner(feedback: Feedback) -> None:
    feedback.claim(7, "张三")
    with pytest.raises(ConflictError) as caught:
        feedback.claim(7, "李四")
    assert "张三" in caught.value.user_message
    feedback.release(7, "李四")
    assert feedback.claims() == {7: Claim("claimed", "张三", 500.0)}
    feedback.release(7, "张三")
    feedback.answered(7, "李四", "已电话告知 13812345678")
    assert feedback.claims() == {7: Claim("answered", "李四", 500.0, "已电话告知 【手机号】")}
    with pytest.raises(ConflictError):
        feedback.answered(7, "张三", "我来")


def test_what_is_waved_away_stays_away(feedback: Feedback) -> None:
    feedback.dismiss("月付咋整", "张三")
    feedback.dismiss("月付咋整", "李四")
    assert feedback.dismissed() == {"月付咋整"}
