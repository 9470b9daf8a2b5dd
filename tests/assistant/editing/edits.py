"""What the tests of the office do at a :class:`~conftest.Bench`: save drafts, and ask what serves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kb.records import FaqEntry, StructuredAnswer

if TYPE_CHECKING:
    from conftest import Bench

NEW = FaqEntry("stage", "月付能分成几期还", StructuredAnswer("最多 12 期，以页面为准。"), ("账单分期最多几个月",))


def add(bench: Bench, entry: FaqEntry = NEW) -> None:
    bench.drafts.save(entry, bench.drafts.open(entry.id).token, "张三")


def change(bench: Bench, name: str, **changes: object) -> None:
    opened = bench.drafts.open(name)
    assert opened.entry is not None
    bench.drafts.save(replace(opened.entry, **changes), opened.token, "张三")  # type: ignore[arg-type]


def write(bench: Bench, name: str, text: str) -> None:
    bench.drafts.save_article(name, text, bench.drafts.open_article(name).token, "张三")


def best(bench: Bench, question: str) -> str:
    return bench.space.open().searcher.search(question).hits[0].entry
