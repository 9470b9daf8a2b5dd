from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from fakes import write_corpus

from assistant.editing.checks import check
from assistant.editing.records import Draft
from assistant.editing.shelf import Shelf
from kb.records import FaqEntry, StructuredAnswer

TODAY = date(2026, 11, 26)


def draft(entry: FaqEntry) -> Draft:
    return Draft(f"entry:{entry.id}", entry, "", "", "张三", 0.0, "edit", 1)


def test_an_entry_is_checked_against_all_others(tmp_path: Path) -> None:
    published = Shelf(write_corpus(tmp_path)).now()
    entry = FaqEntry(
        "new",
        "抖音月付怎么开通？",
        StructuredAnswer("答。"),
        alternates=("转人工",),
        negatives=("转人工",),
        kind="steps",
        facts=("F999",),
        valid_until=date(2026, 1, 1),
    )
    found = {item.code: item.message for item in check(entry, published, (), TODAY)}
    assert set(found) == {
        *("same-form", "form-is-boundary", "form-is-negative", "unknown-fact", "no-steps"),
        *("expired", "never-checked", "few-alternates"),
    }
    assert "「open」" in found["same-form"]


def test_drafts_count_as_they_will_be(tmp_path: Path) -> None:
    published = Shelf(write_corpus(tmp_path)).now()
    moved = replace(published.entries["open"], question="怎样启用月付", alternates=())
    other = FaqEntry("other", "月付能分期吗", StructuredAnswer("能。"))
    mine = FaqEntry("mine", "抖音月付怎么开通", StructuredAnswer("答。"), alternates=("月付能分期吗",))

    codes = [(item.code, item.message) for item in check(mine, published, (draft(moved), draft(other)), TODAY)]

    same = [message for code, message in codes if code == "same-form"]
    assert len(same) == 1 and "「other」" in same[0]


def test_an_entry_is_no_rival_of_itself(tmp_path: Path) -> None:
    published = Shelf(write_corpus(tmp_path)).now()
    assert [item.code for item in check(published.entries["open"], published, (), TODAY)] == ["never-checked"]
