"""The stopwatches of the latency benchmark sit on functions that a question really goes through."""

from __future__ import annotations

from fakes import FakeEmbedder

from assistant.reply import Assistant
from benchmarks.latency import stopwatches
from kb.query import Analyzer
from kb.search import Searcher
from kb.snapshot import load_knowledge
from kb.store import Version


def test_every_step_takes_time(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    searcher = Searcher.open(tiny_version, tiny_analyzer, FakeEmbedder())
    spent: dict[str, float] = {}

    with stopwatches(spent):
        Assistant(load_knowledge(tiny_version.folder), searcher).reply(None, "抖音月付怎么还款")

    unused = {step for step, seconds in spent.items() if not seconds}
    assert unused == {"切词元", "模型前向"}, "the fake embedder has none; the others are steps of every question"
