from __future__ import annotations

import pytest

from assistant.suggest import Completer
from kb.records import FaqEntry, StructuredAnswer


def entry(name: str, question: str, *alternates: str) -> FaqEntry:
    return FaqEntry(name, question, StructuredAnswer("答"), alternates=alternates)


COMPLETER = Completer(
    [
        entry("a", "抖音月付怎么开通", "月付激活方法", "如何开通"),
        entry("b", "月付怎么关闭", "抖音月付怎么关掉"),
        entry("c", "WiFi 下月付打不开", "月付白屏"),
    ]
)


def test_beginnings_come_before_middles_and_those_before_other_forms() -> None:
    assert COMPLETER.complete("月付") == ["月付怎么关闭", "抖音月付怎么开通", "WiFi 下月付打不开"]
    assert COMPLETER.complete("抖音月付怎么") == ["抖音月付怎么开通", "月付怎么关闭"]


def test_another_form_leads_to_its_standard_question_once() -> None:
    assert COMPLETER.complete("如何") == ["抖音月付怎么开通"]
    assert COMPLETER.complete("月付激活") == ["抖音月付怎么开通"]


def test_another_form_is_matched_from_its_beginning_only() -> None:
    assert COMPLETER.complete("方法") == []


@pytest.mark.parametrize("typed", ["wifi", "ＷｉＦｉ", " W i F i ", "WIFI，"])
def test_case_width_spaces_and_marks_do_not_matter(typed: str) -> None:
    assert COMPLETER.complete(typed) == ["WiFi 下月付打不开"]


def test_traditional_characters_find_simplified_questions() -> None:
    assert COMPLETER.complete("月付怎麼關") == ["月付怎么关闭"]


@pytest.mark.parametrize("typed", ["", "  ", "？！", "😀", "\x00", "没有这样的问题"])
def test_nothing_to_go_by_gives_nothing(typed: str) -> None:
    assert COMPLETER.complete(typed) == []


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_the_limit_holds(limit: int) -> None:
    assert COMPLETER.complete("月付", limit) == ["月付怎么关闭", "抖音月付怎么开通"][:limit]


def test_an_empty_knowledge_base_completes_nothing() -> None:
    assert Completer([]).complete("月付") == []
