from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import CorpusError
from kb.faq import boundary_from, entry_from
from kb.records import Boundary, Cause, FaqEntry, Formula, StructuredAnswer

FULL = {
    "id": "a",
    "question": " 怎么还款 ",
    "alternates": ["如何还款", " 如何还款", "", 95152],
    "negatives": ["花呗怎么还"],
    "answer": {
        "short": "在账单页还。",
        "detail": "随时可还。",
        "steps": ["打开", "点还款"],
        "causes": [{"text": "余额不足", "next": "充值", "when": ["没钱"]}, {"text": "维护"}],
        "formula": {"name": "overdue_fee", "params": {"rate": 0.0005}},
    },
    "kind": "steps",
    "category": "还款",
    "facts": ["F1", "F2"],
    "checked_on": "2026-01-31",
    "valid_until": datetime(2026, 12, 31, 8, 0),
    "enabled": False,
}


def test_every_field() -> None:
    assert entry_from(FULL, "x") == FaqEntry(
        id="a",
        question="怎么还款",
        alternates=("如何还款", "95152"),
        negatives=("花呗怎么还",),
        answer=StructuredAnswer(
            "在账单页还。",
            "随时可还。",
            ("打开", "点还款"),
            (Cause("余额不足", "充值", ("没钱",)), Cause("维护", "")),
            Formula("overdue_fee", {"rate": 0.0005}),
        ),
        kind="steps",
        category="还款",
        facts=("F1", "F2"),
        checked_on=date(2026, 1, 31),
        valid_until=date(2026, 12, 31),
        enabled=False,
    )


def test_only_id_and_question_are_needed() -> None:
    entry = entry_from({"id": 7, "question": "问"}, "x")

    assert entry == FaqEntry("7", "问", StructuredAnswer(""))
    assert (entry.kind, entry.enabled, entry.forms) == ("definition", True, ("问",))


def test_a_plain_answer_is_the_short_one() -> None:
    assert entry_from({"id": "a", "question": "问", "answer": " 答 "}, "x").answer == StructuredAnswer("答")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": ""}, "缺少「id」"),
        ({"question": None}, "缺少「question」"),
        ({"id": ["a"]}, "「id」应为文字"),
        ({"question": True}, "「question」应为文字"),
        ({"alternate": []}, "不认识的字段：alternate"),
        ({"kind": "story"}, "类型「story」不认识"),
        ({"alternates": "如何还款"}, "「alternates」应为列表"),
        ({"alternates": [{"a": 1}]}, "每一项应为文字"),
        ({"negatives": [None]}, "每一项应为文字"),
        ({"facts": [f"F{n}" for n in range(9)]}, "依据有 9 条，最多 8 条"),
        ({"checked_on": "31.01.2026"}, "「checked_on」应为 2026-01-31 这样的日期"),
        ({"valid_until": "2026-02-30"}, "「valid_until」应为"),
        ({"enabled": "no"}, "「enabled」应为 true 或 false"),
        ({"answer": ["答"]}, "应为键值对，实际是 list"),
        ({"answer": {"detail": "无短答"}}, "缺少「short」"),
        ({"answer": {"short": "答", "step": []}}, "不认识的字段：step"),
        ({"answer": {"short": "答", "causes": "原因"}}, "causes 应为列表"),
        ({"answer": {"short": "答", "causes": [{"next": "重试"}]}}, "缺少「text」"),
        ({"answer": {"short": "答", "formula": {"name": "eval"}}}, "公式「eval」不在清单里"),
        ({"answer": {"short": "答", "formula": {"name": "overdue_fee", "params": [1]}}}, "params 应为键值对"),
    ],
)
def test_faults_are_named(change: dict[str, object], said: str) -> None:
    with pytest.raises(CorpusError) as caught:
        entry_from({**FULL, **change}, "faq.yaml:3")

    assert caught.value.user_message.startswith("faq.yaml:3：")
    assert said in caught.value.user_message


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(FULL)), PLAIN) | PLAIN)
def test_any_data_gives_an_entry_or_a_named_fault(data: object) -> None:
    try:
        entry = entry_from(data, "x")
    except CorpusError as error:
        assert error.user_message.startswith("x：")
    else:
        assert entry.id
        assert entry.question


def test_boundaries() -> None:
    row = {"id": "b", "kind": "human", "expect": "handoff", "exemplars": ["转人工", "转人工", "人工"]}

    assert boundary_from(row, "x") == Boundary("b", "human", "handoff", ("转人工", "人工"))
    for change, said in (
        ({"expect": "answer"}, "expect「answer」不认识"),
        ({"exemplars": []}, "没有例句"),
        ({"kind": ""}, "缺少「kind」"),
    ):
        with pytest.raises(CorpusError) as caught:
            boundary_from({**row, **change}, "x")
        assert said in caught.value.user_message
