from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import write_corpus

from assistant.editing.drafts import Drafts, settle
from assistant.editing.errors import ConflictError, EditError
from assistant.editing.ledger import Ledger
from assistant.editing.records import digest_of, entry_target
from assistant.editing.shelf import Shelf
from kb.errors import CorpusError
from kb.records import FaqEntry, StructuredAnswer


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "store" / "desk.sqlite")


@pytest.fixture
def drafts(corpus: Path, ledger: Ledger) -> Drafts:
    return Drafts(ledger, Shelf(corpus), clock=lambda: 1_000.0)


def edited(drafts: Drafts, name: str, author: str = "张三", **changes: object) -> None:
    opened = drafts.open(name)
    assert opened.entry is not None
    drafts.save(replace(opened.entry, **changes), opened.token, author)  # type: ignore[arg-type]


def test_an_edit_is_a_draft_and_leaves_the_files_alone(drafts: Drafts, corpus: Path) -> None:
    before = (corpus / "faq" / "a.yaml").read_text("utf-8")
    edited(drafts, "open", alternates=("月付咋开",), enabled=False)

    opened = drafts.open("open")
    assert opened.entry is not None and opened.published is not None
    assert (opened.entry.alternates, opened.entry.enabled) == (("月付咋开",), False)
    assert opened.published.enabled
    assert [(draft.target, draft.author, draft.at) for draft in drafts.all()] == [("entry:open", "张三", 1_000.0)]
    assert (corpus / "faq" / "a.yaml").read_text("utf-8") == before


def test_a_new_entry_starts_from_an_empty_sheet(drafts: Drafts) -> None:
    opened = drafts.open("faq-new")
    assert (opened.entry, opened.published) == (None, None)

    drafts.save(FaqEntry("faq-new", "月付能分几期", StructuredAnswer("以页面为准。")), opened.token, "张三")

    assert drafts.open("faq-new").entry == FaqEntry("faq-new", "月付能分几期", StructuredAnswer("以页面为准。"))


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(drafts: Drafts) -> None:
    first, second = drafts.open("open"), drafts.open("open")
    assert first.entry is not None
    drafts.save(replace(first.entry, category="甲"), first.token, "张三")

    with pytest.raises(ConflictError) as caught:
        drafts.save(replace(first.entry, category="乙"), second.token, "李四")

    assert "张三" in caught.value.user_message and "没有保存" in caught.value.user_message
    kept = drafts.open("open").entry
    assert kept is not None and kept.category == "甲"


def test_a_file_that_changed_under_an_editor_is_a_conflict_too(drafts: Drafts, corpus: Path) -> None:
    opened = drafts.open("open")
    text = (corpus / "faq" / "a.yaml").read_text("utf-8")
    (corpus / "faq" / "a.yaml").write_text(text.replace("开通的说明", "开通的新说明"), "utf-8")
    assert opened.entry is not None

    with pytest.raises(ConflictError):
        drafts.save(replace(opened.entry, category="甲"), opened.token, "张三")


def test_a_draft_knows_that_its_base_has_moved(drafts: Drafts, corpus: Path) -> None:
    edited(drafts, "open", category="甲")
    assert not drafts.open("open").outdated
    text = (corpus / "faq" / "a.yaml").read_text("utf-8")
    (corpus / "faq" / "a.yaml").write_text(text.replace("开通的说明", "开通的新说明"), "utf-8")
    assert drafts.open("open").outdated

    edited(drafts, "open", category="乙")  # the editor has seen both and saves again
    assert not drafts.open("open").outdated


def test_undo_goes_back_save_by_save(drafts: Drafts) -> None:
    edited(drafts, "open", category="甲")
    edited(drafts, "open", category="乙")

    left = drafts.undo("entry:open", "张三")
    assert left is not None and left.entry is not None and left.entry.category == "甲"
    assert drafts.undo("entry:open", "张三") is None
    with pytest.raises(EditError):
        drafts.undo("entry:open", "张三")
    assert drafts.all() == ()


def test_an_edit_back_to_what_is_published_ends_the_draft(drafts: Drafts) -> None:
    edited(drafts, "open", category="甲")
    edited(drafts, "open", category="开通")
    assert drafts.all() == ()


def test_discarding(drafts: Drafts) -> None:
    edited(drafts, "open", category="甲")
    edited(drafts, "close", category="甲")
    drafts.discard("entry:open", "李四")
    assert [draft.target for draft in drafts.all()] == ["entry:close"]
    assert drafts.discard_all("李四") == 1
    assert drafts.all() == ()


def test_a_draft_keeps_the_rules_of_the_corpus(drafts: Drafts) -> None:
    opened = drafts.open("open")
    assert opened.entry is not None
    with pytest.raises(CorpusError) as caught:
        drafts.save(replace(opened.entry, facts=tuple(f"F{n:03}" for n in range(9))), opened.token, "张三")
    assert "最多 8 条" in caught.value.user_message
    with pytest.raises(EditError):
        drafts.save(replace(opened.entry, id="art-open"), drafts.open("art-open").token, "张三")
    assert drafts.all() == ()


def test_many_at_once(drafts: Drafts) -> None:
    edited(drafts, "open", category="甲")
    rows = [FaqEntry(f"n{n}", f"新问题{n}", StructuredAnswer("答。")) for n in range(1_000)]
    same = drafts.open("close").entry
    assert same is not None

    assert drafts.save_many([*rows, same], "张三", "import") == 1_000
    assert drafts.save_many(rows, "张三", "import") == 0
    assert len(drafts.all()) == 1_001


def test_articles(drafts: Drafts) -> None:
    drafts.save_article("new.md", "# 新\n\n一篇。\n", "张三")
    (draft,) = drafts.all()
    assert (draft.target, draft.text, draft.entry, draft.base) == ("article:new.md", "# 新\n\n一篇。\n", None, "")


def test_what_was_saved_after_a_publication_stays(drafts: Drafts, ledger: Ledger) -> None:
    edited(drafts, "open", category="甲")
    edited(drafts, "close", category="甲")
    upto = max(draft.number for draft in drafts.all())
    edited(drafts, "open", category="乙")
    published = drafts.open("open").published

    with ledger.writing() as connection:
        settle(connection, upto, {entry_target("open"): digest_of(published)})

    (left,) = drafts.all()
    assert left.entry is not None and (left.entry.id, left.entry.category) == ("open", "乙")
    assert left.base == digest_of(published)


def test_who_changed_what(drafts: Drafts, ledger: Ledger) -> None:
    edited(drafts, "open", category="甲")
    drafts.discard("entry:open", "李四")

    discarded, saved = ledger.log(target="entry:open")
    assert (discarded.author, discarded.action) == ("李四", "draft-discard")
    assert (saved.author, saved.action, saved.at) == ("张三", "draft", 1_000.0)
    before, after = saved.detail["before"], saved.detail["after"]
    assert isinstance(before, dict) and isinstance(after, dict)
    assert (before["category"], after["category"]) == ("开通", "甲")
