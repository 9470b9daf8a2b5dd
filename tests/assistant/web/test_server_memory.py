"""The served assistant remembers what was found, in the version it was found in, and nothing of who asked; it is warm."""

from __future__ import annotations

import pytest
from fakes import FakeEmbedder

import assistant.reply
import kb.romanised
from assistant.calculation.numerals import value_of
from assistant.web.prometheus import Metrics
from assistant.web.server import _assistant
from kb.query import Analyzer
from kb.search import Searcher
from kb.snapshot import load_knowledge
from kb.store import Version
from kb.workspace import Opened


def opened(version: Version, analyzer: Analyzer) -> Opened:
    return Opened(version, load_knowledge(version.folder), Searcher.open(version, analyzer, FakeEmbedder()))


def counted(metrics: Metrics) -> list[str]:
    text = metrics.render(sessions=0, info={})
    return [line for line in text.splitlines() if line.startswith("zhida_searches_total{")]


def test_a_question_asked_again_is_answered_alike_and_counted(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    metrics = Metrics()
    served = _assistant(opened(tiny_version, tiny_analyzer), metrics)
    first, second = (served.reply(None, "抖音月付怎么还款") for _ in range(2))
    assert first == second
    assert counted(metrics) == ['zhida_searches_total{source="index"} 1', 'zhida_searches_total{source="memory"} 1']


def test_another_version_remembers_nothing_of_it(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    metrics = Metrics()
    for _ in range(2):
        _assistant(opened(tiny_version, tiny_analyzer), metrics).reply(None, "抖音月付怎么还款")
    assert counted(metrics) == ['zhida_searches_total{source="index"} 2']


def test_conversations_do_not_meet_in_the_memory(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    remembering = _assistant(opened(tiny_version, tiny_analyzer), Metrics())
    turns = ("抖音月付怎么还款", "怎么开通", "没用", "抖音月付怎么还款")
    state = None
    talked = [(state := remembering.reply(state, turn)[0]) for turn in turns]  # one visitor, in full
    assert talked[-1].history
    alone = [remembering.reply(None, turn) for turn in turns]  # then strangers with the same words
    fresh = _assistant(opened(tiny_version, tiny_analyzer), Metrics())
    assert alone == [fresh.reply(None, turn) for turn in turns]


def test_a_look_anew_passes_the_memory_by(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    metrics = Metrics()
    searcher = _assistant(opened(tiny_version, tiny_analyzer), metrics).searcher
    assert searcher.search_anew("健康检查", 1) == searcher.search_anew("健康检查", 1)
    assert counted(metrics) == []


def test_nobody_waits_for_what_is_made_once(
    tiny_version: Version, tiny_analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    value_of.cache_clear()
    served = _assistant(opened(tiny_version, tiny_analyzer), Metrics())
    monkeypatch.setattr(kb.romanised, "Romanised", None)
    monkeypatch.setattr(assistant.reply, "Completer", None)

    served.reply(None, "yuefu zenme guanbi")
    assert served.suggest("月付")
    assert value_of.cache_info().currsize
