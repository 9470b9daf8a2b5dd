from __future__ import annotations

import pytest
from desk_fakes import ENTRIES, TableSearcher, as_searcher

from assistant.dialogue import alone as alone_module
from assistant.dialogue import reading as reading_module
from assistant.dialogue.alone import Reading
from assistant.dialogue.reading import read_turn
from assistant.records import State

BY_ID = {entry.id: entry for entry in ENTRIES}
OPENED = State(entry="open", question="月付怎么开通", history=(("月付怎么开通", "open"),))
ASKED_BACK = State(question="月付", asked_back=True)


def read(text: str, state: State = OPENED) -> Reading:
    return read_turn(as_searcher(TableSearcher()), state, text, BY_ID)


def best(reading: Reading) -> str:
    return reading.found.hits[0].entry if reading.found.hits else ""


def test_the_first_turn_is_read_as_it_stands() -> None:
    reading = read("月付怎么关闭", State())
    assert (reading.question, best(reading), reading.inherited) == ("月付怎么关闭", "close", False)
    assert reading.best == 0.9


def test_a_follow_up_inherits_its_subject() -> None:
    reading = read("那怎么关闭")
    assert (reading.question, best(reading), reading.inherited) == ("抖音月付 怎么关闭", "close", True)


def test_a_product_takes_the_place_of_the_other() -> None:
    before = State(entry="day", question="月付几号还款")
    reading = read("放心借呢", before)
    assert (reading.question, best(reading)) == ("放心借几号还款", "loan-day")


def test_a_whole_question_is_read_alone_whatever_the_subject_was() -> None:
    reading = read("放心借几号还")
    assert (best(reading), reading.inherited) == ("loan-day", False)


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("不想活了", "crisis"),
        ("转人工", "handoff"),
        ("你好", "smalltalk"),
        ("查一下我的账", "privacy"),
        ("套现呢", "refuse"),
        ("人工呢", "handoff"),
        ("我前夫的收货地址", "privacy"),
    ],
)
def test_what_stands_alone_is_not_drawn_into_the_subject(text: str, decision: str) -> None:
    searcher = TableSearcher()
    reading = read_turn(as_searcher(searcher), OPENED, text, BY_ID)
    assert (reading.verdict.decision, reading.inherited) == (decision, False)
    assert searcher.asked == [text]


def test_what_else_the_last_question_is_asked_of_is_read_with_it() -> None:
    searcher = TableSearcher()
    read_turn(as_searcher(searcher), OPENED, "你好呢", BY_ID)  # a greeting by its words alone, as 企业呢 is an insult
    assert len(searcher.asked) > 1


@pytest.mark.parametrize(("text", "heard"), [("催了", True), ("反过来", False)])
def test_in_a_conversation_a_faint_cry_is_heard_where_the_conversation_bears_it_out(text: str, heard: bool) -> None:
    assert read(text, State()).verdict.decision == "crisis"
    reading = read(text)
    assert (reading.verdict.decision == "crisis") == heard


def test_short_words_after_another_product_are_read_with_it() -> None:
    searcher = TableSearcher()
    read_turn(as_searcher(searcher), State(entry="loan-day", question="放心借几号还"), "可以退吗", BY_ID)
    assert len(searcher.asked) > 1
    searcher.asked.clear()
    read_turn(as_searcher(searcher), State(entry="day", question="月付几号还"), "可以退吗", BY_ID)
    assert searcher.asked == ["可以退吗"]


def test_a_crisis_stands_alone_even_where_an_answer_is_expected() -> None:
    assert read("不想活了", ASKED_BACK).verdict.decision == "crisis"


def test_after_asking_back_the_turn_is_joined_to_what_was_asked() -> None:
    reading = read("几号还", ASKED_BACK)
    assert (reading.question, best(reading), reading.inherited) == ("月付 几号还", "day", True)


def test_a_correction_of_the_role_stands_before_the_whole_question() -> None:
    reading = read("不对，我是商家")
    assert (reading.question, best(reading), reading.inherited) == ("我是商家 月付怎么开通", "shop", True)


def test_a_correction_of_the_action_keeps_the_product() -> None:
    assert best(read("说错了，我问的是关闭")) == "close"


def test_a_correction_may_be_a_question_of_its_own() -> None:
    state = State(entry="loan-day", question="放心借几号还")
    assert best(read("我问的是付不了", state)) == "fails"


def test_words_that_name_their_product_need_nothing_added_to_come_to_the_same() -> None:
    state = State(entry="day", question="月付几号还款")
    reading = read("那放心借几号还", state)
    assert (reading.question, reading.inherited) == ("放心借几号还", False)


def test_who_tells_of_his_data_is_not_taken_to_ask_for_it() -> None:
    reading = read("我额度是够的", OPENED)
    assert (best(reading), reading.verdict.decision) == ("fails", "answer")
    assert read("我额度是够的", State()).verdict.decision == "privacy"


def test_the_conversation_tells_whether_faint_words_are_a_cry_for_help() -> None:
    assert read("完了我转过去了", OPENED).verdict.decision == "answer"
    assert read("完了我转过去了", State()).verdict.decision == "crisis"


def test_going_back_takes_the_subject_before_the_last() -> None:
    history = (("月付怎么开通", "open"), ("放心借几号还", "loan-day"))
    state = State(entry="loan-day", question="放心借几号还", history=history)
    reading = read("说回刚才那个，怎么关闭", state)
    assert best(reading) == "close"


def test_the_same_entry_again_is_not_what_a_follow_up_asks_for() -> None:
    state = State(entry="day", question="月付几号还款")
    reading = read("关闭呢", state)
    assert best(reading) == "close"


def test_where_nothing_is_answered_the_words_alone_decide() -> None:
    reading = read("哈哈哈", State(entry="loan-day", question="放心借几号还"))
    assert (reading.inherited, best(reading)) == (True, "loan-day")
    assert read("哈哈哈", State()).verdict.kind == "none"


def test_an_unclear_turn_keeps_a_subject_that_leaves_something_to_choose_from() -> None:
    reading = read("额度", State(question="天气", asked_back=True))
    assert reading.verdict.decision == "suggest"


def test_of_a_long_story_the_sentence_that_asks_is_read() -> None:
    story = "我昨天晚上和朋友一起出去吃饭，吃完以后想着方便就点了一下，打电话转人工等了半个小时没人接，我的抖音月付到底要在哪里关闭啊"
    reading = read(story, State())
    assert (best(reading), reading.question) == ("close", "我的抖音月付到底要在哪里关闭啊")


@pytest.mark.parametrize(("clear", "searches"), [(0.95, 2), (0.9, 1)])
def test_a_story_that_is_answered_surely_is_not_searched_again(
    monkeypatch: pytest.MonkeyPatch, clear: float, searches: int
) -> None:
    monkeypatch.setattr(reading_module, "_CLEAR", clear)
    table, story = (
        TableSearcher(),
        "我昨天晚上和朋友一起出去吃饭，吃完以后想着方便就点了一下，结果页面一直转圈圈，怎么关闭月付啊",
    )

    reading = read_turn(as_searcher(table), State(), story, BY_ID)

    assert (best(reading), reading.best) == ("close", 0.9)
    assert len(table.asked) == searches


def test_nothing_found_has_no_chance() -> None:
    assert read("今天天气真好", State()).best == 0.0


def test_a_standard_question_names_the_subject_that_the_person_did_not() -> None:
    assert read("那怎么关闭", State(entry="open", question="这个在哪里点")).verdict.decision == "answer"
    assert read("那怎么关闭", State(question="这个在哪里点")).verdict.decision == "refuse"


def test_a_question_that_names_no_product_is_asked_of_the_one_the_knowledge_is_about() -> None:
    reading = read("在哪里开通", State())
    assert (reading.question, best(reading), reading.inherited) == ("抖音月付在哪里开通", "open", True)


@pytest.mark.parametrize("text", ["白条怎么开通", "教我套现然后关闭", f"{'嗯' * 60}在哪里开通", "哈哈哈", "转人工关闭"])
def test_other_products_clear_boundaries_and_long_texts_are_not_asked_of_it(text: str) -> None:
    reading = read(text, State())
    assert not reading.inherited
    assert reading.verdict.decision != "answer"


def test_knowledge_about_nothing_in_particular_has_no_such_product() -> None:
    table = TableSearcher()
    table.subject = ""
    assert not read_turn(as_searcher(table), State(), "在哪里开通", BY_ID).inherited


def test_words_that_are_answered_surely_need_nothing_of_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone_module, "_SAYS_ALL", 0.8)
    table = TableSearcher()
    reading = read_turn(as_searcher(table), State(entry="day", question="月付几号还款"), "月付怎么关闭？", BY_ID)
    assert (best(reading), reading.inherited, table.asked) == ("close", False, ["月付怎么关闭？"])


def test_a_reading_of_the_same_words_adds_nothing() -> None:
    assert not read("放心借几号还？").inherited


def test_a_question_that_a_browser_sends_back_swollen_is_cut() -> None:
    reading = read("那白条呢", State(question="放心借几号还" * 5000))
    assert len(reading.question) < 1000
