from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.state_codec import LONGEST
from assistant.records import Answer, Citation, Option
from assistant.web.body_limit import LONGEST_EVENT
from assistant.web.visit import LONGEST_QUESTION, Shown, new_visit, shown, visit_from

TURN = Shown("问", "答", "clarify", "e", (Citation("a#1", ("A",), 1, 3, "引"),), "读", (Option("甲", "甲？"),), 7, -1)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


def test_a_visit_comes_back_from_the_browser_as_it_was() -> None:
    visit = new_visit().with_turn(TURN, "state")
    assert visit_from(json.loads(json.dumps(visit.to_json()))) == visit


@given(PLAIN)
def test_anything_else_starts_a_new_visit(data: object) -> None:
    assert visit_from(data).turns == ()


@pytest.mark.parametrize(
    "field, value",
    [("visitor", "short"), ("turns", "x"), ("turns", [{}]), ("state", 3), ("turns", [{"question": "q"}]), ("v", 2)],
)
def test_a_tampered_field_starts_a_new_visit(field: str, value: object) -> None:
    visit = new_visit().with_turn(TURN, "state")
    assert visit_from({**visit.to_json(), field: value}).visitor != visit.visitor


def test_only_the_newest_turns_are_kept() -> None:
    visit = new_visit()
    for number in range(40):
        visit = visit.with_turn(Shown(str(number), ""), "")
    assert len(visit.turns) == 30 and visit.turns[-1].question == "39"


def test_taking_a_turn_back_restores_the_state_before_it() -> None:
    visit = new_visit().with_turn(TURN, "one").with_turn(TURN, "two").without_last()
    assert (visit.state, len(visit.turns)) == ("one", 1)


def test_clearing_keeps_the_visitor_and_starts_another_conversation() -> None:
    visit = new_visit().with_turn(TURN, "one")
    cleared = visit.cleared()
    assert cleared.visitor == visit.visitor and cleared.conversation != visit.conversation and not cleared.turns


def test_a_very_long_answer_is_cut_and_ends_no_conversation() -> None:
    turn = shown("长" * LONGEST_QUESTION, Answer("answer", "长" * 50_000), 1)
    assert turn.text.startswith("长" * 1_000) and turn.text.endswith("（内容太长，这里只显示开头，其余请看资料来源。）")
    visit = new_visit()
    for _ in range(30):
        visit = visit.with_turn(turn, "x" * LONGEST)
    sent = json.dumps(visit.to_json(), ensure_ascii=False)
    assert visit_from(json.loads(sent)) == visit
    assert len(sent.encode()) < LONGEST_EVENT
    assert shown("问", Answer("answer", "长" * 20_000), 1).text == "长" * 20_000


def test_followups_become_options_where_there_are_none() -> None:
    assert shown("问", Answer("answer", "答", followups=("后",)), 0).options == (Option("后", "后"),)


@pytest.mark.parametrize("position, number", [("0", "2"), ("1", "1"), ("-1", "1"), (None, "1"), ("0", "0"), ("x", "y")])
def test_a_citation_that_is_not_there_is_none(position: object, number: object) -> None:
    assert new_visit().with_turn(TURN, "").citation(position, number)[1] is None


def test_a_citation_is_found_by_its_number() -> None:
    assert new_visit().with_turn(TURN, "").citation("0", "1") == (1, TURN.citations[0])
