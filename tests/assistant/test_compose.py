import re
from datetime import date

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import compose
from assistant.answer_view import offered_after
from assistant.compose import render_answer, render_decision, render_section, script
from assistant.records import Citation, Option
from assistant.renderer import Renderer
from kb.corpus import read_entries
from kb.faq import FORMULAS, KINDS
from kb.paths import shipped_corpus
from kb.records import Cause, FaqEntry, Formula, StructuredAnswer
from kb.text import is_traditional

CITATIONS = (
    Citation("art-a#1", ("文章甲", "一、费用"), 0, 1, "原"),
    Citation("art-a#2", ("文章甲", "二、影响", "（一）冻结"), 0, 1, "原"),
    Citation("art-b#1", ("文章乙",), 0, 1, "原"),
)
KINDS_OF = {
    "refuse": ("other_product", "illegal", "injection", "gibberish", "off_topic", "none"),
    "handoff": ("missing_detail", "human", "insult", "misses", "tried"),
    "privacy": ("account", "third_person"),
    "crisis": ("self_harm",),
    "smalltalk": ("greeting", "thanks", "bye", "whoami", "ack", "praise"),
    "clarify": ("ambiguous",),
    "suggest": ("",),
}
DECISIONS = [(decision, kind) for decision, kinds in KINDS_OF.items() for kind in (*kinds, "unheard_of")]


def _entry(kind: str = "definition", **answer: object) -> FaqEntry:
    parts = {"short": "会。退多少就恢复多少。", "detail": "以退款详情为准。", **answer}
    return FaqEntry("e", "问题", StructuredAnswer(**parts), kind=kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_renders_short_items_detail_and_sources_in_order(kind: str) -> None:
    text = render_answer(_entry(kind, steps=("点这里", "再点那里。")), CITATIONS, "怎么办")
    shown = ("会。退多少", "1. 点这里。\n2. 再点那里。", "以退款详情", "依据：[1] 文章甲 › 一、费用")
    places = [text.replace("*", "").index(part) for part in shown]
    assert places == sorted(places)
    assert text.endswith("；[2] 同上 › （一）冻结；[3] 文章乙")
    assert not re.search(r"\n{3}|[ \t]$|\{|\}|None|StructuredAnswer", text)


def test_a_bare_answer_is_just_its_words() -> None:
    assert render_answer(FaqEntry("e", "问题", StructuredAnswer("就这样。")), (), "问") == "就这样。"


def test_causes_are_one_numbered_list_and_the_rest_is_announced() -> None:
    causes = tuple(Cause(f"原因{n}", f"做法{n}", ("换手机",) if n == 3 else ()) for n in range(1, 6))
    text = render_answer(_entry("cause", causes=causes), (), "换手机了")
    listed = "1. **原因3**：做法3。\n2. **原因1**：做法1。\n3. **原因2**：做法2。"
    assert f"你提到「换手机」，先看第 1 条：\n\n{listed}\n\n还有 2 种情况" in text


def test_skip_gives_only_what_was_not_offered() -> None:
    causes = tuple(Cause(f"原因{n}", f"做法{n}") for n in range(1, 6))
    entry = _entry("cause", causes=causes)
    text = render_answer(entry, CITATIONS, "问", skip=offered_after(entry))
    assert text.startswith("前面 3 条试过没用的话")
    assert "4. **原因4**" in text and "原因3" not in text and "退多少" not in text
    assert "没有新的可给" in render_answer(entry, CITATIONS, "问", skip=5)
    assert "- 找张三" in render_answer(entry, CITATIONS, "问", skip=5, channels=["找张三"])


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_invites_with_an_example(name: str) -> None:
    params = {"daily_rate": 0.0005, "bill_days": [1], "due_after": 5, "longest": 36}
    text = render_answer(_entry("amount", formula=Formula(name, params)), (), "怎么算")
    assert "告诉我" in text and "比如「" in text


def test_the_users_numbers_are_worked_out() -> None:
    entry = _entry("amount", formula=Formula("overdue_fee", {"daily_rate": 0.0005}))
    assert "照你说的数算：2000 元 × 0.05% × 10 天 = 10 元。" in render_answer(entry, (), "两千块逾期十天")
    assert "你说的数没法算：金额应在" in render_answer(entry, (), "欠 99999999 元逾期 3 天")


def test_only_what_expires_says_when_it_was_checked() -> None:
    lasting = FaqEntry("e", "问", StructuredAnswer("答。"), checked_on=date(2026, 11, 23))
    expiring = FaqEntry(
        "e", "问", StructuredAnswer("答。"), checked_on=date(2026, 11, 23), valid_until=date(2027, 5, 31)
    )
    assert "核对于" not in render_answer(lasting, (), "问")
    assert "核对于 2026-11-23，以 App 页面为准。" in render_answer(expiring, (), "问")


def test_what_was_understood_is_escaped() -> None:
    text = render_answer(_entry(), (), "问", understood_as="<img src=x> [a](b) **月付**")
    assert "我理解你问的是「＜img src=x＞ ［a］(b) ＊＊月付＊＊」。" in text


def test_section_without_comments() -> None:
    text = render_section(("文章甲", "一、费用"), "<!-- facts: F1 -->\n正文一句。\n", CITATIONS[:1])
    assert text == "**一、费用**\n\n正文一句。\n\n依据：[1] 文章甲 › 一、费用"


@pytest.mark.parametrize(("decision", "kind"), DECISIONS)
def test_every_decision_has_words(decision: str, kind: str) -> None:
    text = render_decision(
        decision,
        kind,
        question="怎么办",
        options=[Option("用户", "a"), Option("商家", "b")],
        suggestions=["怎么还款"],
        summary="问过还款",
    )
    assert text and not re.search(r"\n{3}|\{|\}|None", text)
    assert set(re.findall(r"\d{3,}", text)) <= {"95152", "110", "120", "96110", "12315", "12378", "12356"}


@pytest.mark.parametrize(
    ("decision", "kind"), [(d, k) for d, kinds in KINDS_OF.items() for k in kinds if d != "suggest"]
)
def test_every_named_kind_has_its_own_words_or_the_decisions(decision: str, kind: str) -> None:
    assert compose._renderer().has(f"{decision}-{kind}.j2") or compose._renderer().has(f"{decision}.j2")


def test_every_entry_of_the_shipped_corpus_renders_without_fault(caplog: pytest.LogCaptureFixture) -> None:
    entries = read_entries(shipped_corpus())
    for entry in entries:
        for question in entry.forms[:2]:
            text = render_answer(entry, CITATIONS, question).replace("*", "")
            assert entry.answer.short[:4] in text or is_traditional(question)
    assert entries and not caplog.records


def test_crisis_gives_help_and_nothing_else() -> None:
    text = render_decision("crisis", "self_harm", question="不想活了", suggestions=["怎么还款"])
    assert all(number in text for number in ("12356", "120", "110"))
    assert not re.search("月付|还款|95152|客服", text)


def test_clarify_lists_its_options() -> None:
    text = render_decision("clarify", "role", options=[Option("我是<用户>", "a"), Option("我是商家", "b")])
    assert "1. 我是＜用户＞\n2. 我是商家" in text


def test_handoff_gives_a_summary_to_copy_without_personal_numbers() -> None:
    text = render_decision("handoff", "human", summary="手机 13800138000\n问题：```扣款", channels=["找张三", "找李四"])
    assert "```text\n手机 【手机号】\n问题：｀｀｀扣款\n```" in text
    assert "- 找张三\n- 找李四" in text
    assert "- 这个产品的官方客服" in render_decision("handoff", "human")
    assert "我想问：能改名吗" in render_decision("handoff", "missing_detail", question="能改名吗")
    assert "```" not in render_decision("handoff", "human", question="转人工")


def test_privacy_says_what_we_cannot_see() -> None:
    text = render_decision("privacy", "account")
    assert "看不到" in text and "我的钱包" in text and "请不要" in text


def test_the_reply_uses_the_questions_script() -> None:
    assert script("额度为什么变少", "額度為什麼變少") == "額度為什麼變少"
    assert script("额度为什么变少", "额度") == "额度为什么变少"
    assert "退多少就恢復多少" in render_answer(_entry(), (), "額度會恢復嗎")
    assert "看不到任何人的賬戶" in render_decision("privacy", "account", question="幫我查額度")


def test_a_broken_template_leaves_the_stored_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[str] = []
    loader = jinja2.DictLoader({"answer-definition.j2": "{{ nothing }}", "crisis.j2": "{{ nothing }}"})
    renderer = Renderer(loader, lambda name, error: faults.append(name))
    monkeypatch.setattr(compose, "_renderer", lambda: renderer)
    assert render_answer(_entry(), CITATIONS, "问") == "会。退多少就恢复多少。\n以退款详情为准。"
    assert "12356" in render_decision("crisis", "self_harm")
    assert "客服" in render_decision("refuse", "none")
    assert faults == ["answer-definition.j2", "crisis.j2", "refuse.j2"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.sampled_from(DECISIONS))
def test_any_question_gets_words(question: str, decision: tuple[str, str]) -> None:
    assert render_decision(*decision, question=question, summary=question)
    assert render_answer(
        _entry("amount", formula=Formula("refund_effect")), CITATIONS, question, understood_as=question
    )
