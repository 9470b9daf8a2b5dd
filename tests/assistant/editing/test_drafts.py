from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import write_corpus

from assistant.editing.drafts import Drafts
from assistant.editing.errors import ConflictError, EditError
from assistant.editing.ledger import Ledger
from assistant.editing.records import digest_of, entries_after, entry_target
from assistant.editing.revisions import settle
from assistant.editing.shelf import Shelf
from kb.errors import CorpusError, KbError
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
    drafts.save_article("new.md", "# 新\n\n一篇。\n", drafts.open_article("new.md").token, "张三")
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


ARTICLE = "---\nid: art-open\ntitle: 开通\n---\n# 开通\n\n新的说明。\n"


def test_an_article_is_edited_like_an_entry(drafts: Drafts, corpus: Path) -> None:
    before = (corpus / "articles" / "open.md").read_text("utf-8")
    first, second = drafts.open_article("open.md"), drafts.open_article("open.md")
    assert (first.text, first.published, first.draft) == (before, before, None)

    drafts.save_article("open.md", ARTICLE, first.token, "张三")
    with pytest.raises(ConflictError) as caught:
        drafts.save_article("open.md", ARTICLE + "李四的话。\n", second.token, "李四")
    assert "张三" in caught.value.user_message and "没有保存" in caught.value.user_message

    drafts.save_article("open.md", ARTICLE + "再一句。\n", drafts.open_article("open.md").token, "张三")
    left = drafts.undo("article:open.md", "张三")
    assert left is not None and left.text == ARTICLE
    assert (corpus / "articles" / "open.md").read_text("utf-8") == before
    assert not drafts.open_article("open.md").outdated
    (corpus / "articles" / "open.md").write_text(before + "别人的话。\n", "utf-8")
    assert drafts.open_article("open.md").outdated
    token = drafts.open_article("open.md").token
    assert drafts.save_article("open.md", before + "别人的话。\n", token, "张三") is None
    assert drafts.all() == ()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("new.md", "---\nid: open\n---\n# 重\n\n条目的编号。\n", "已经用过"),
        ("new.md", "---\nid: art-open\n---\n# 重\n\n别的文章的编号。\n", "已经用过"),
        ("new.md", "# 只有标题\n", "没有正文"),
        ("new.md", "---\nid: [\n---\n# 坏\n\n正文。\n", "读不懂"),
        ("../evil.md", "# 甲\n\n正文。\n", "文件名"),
        (".hidden.md", "# 甲\n\n正文。\n", "文件名"),
        ("a/b.md", "# 甲\n\n正文。\n", "文件名"),
        ("new.yaml", "# 甲\n\n正文。\n", "文件名"),
        ("x" * 97 + ".md", "# 甲\n\n正文。\n", "文件名"),
        ("new.md\n", "# 甲\n\n正文。\n", "文件名"),
    ],
)
def test_an_article_that_cannot_stand_there_is_refused(drafts: Drafts, name: str, text: str, said: str) -> None:
    with pytest.raises(KbError) as caught:
        drafts.save_article(name, text, drafts.open_article(name).token, "张三")
    assert said in caught.value.user_message
    assert drafts.all() == ()


def test_a_deletion_is_a_draft_with_undo(drafts: Drafts, ledger: Ledger) -> None:
    edited(drafts, "open", category="甲")
    stale = drafts.open("close").token
    gone = drafts.remove("entry:open", drafts.open("open").token, "张三")
    assert gone is not None and gone.gone and gone.becomes is None
    assert gone.entry is not None and gone.entry.category == "开通"  # as it is published
    assert "open" not in entries_after(drafts._shelf.now().entries, drafts.all())
    assert ledger.log()[0].action == "draft-remove"

    left = drafts.undo("entry:open", "张三")
    assert left is not None and not left.gone and left.becomes is not None and left.becomes.category == "甲"

    edited(drafts, "close", category="乙", author="李四")
    with pytest.raises(ConflictError):
        drafts.remove("entry:close", stale, "张三")


def test_what_is_saved_again_is_not_deleted(drafts: Drafts) -> None:
    drafts.remove("entry:open", drafts.open("open").token, "张三")
    edited(drafts, "open", category="甲")
    (draft,) = drafts.all()
    assert not draft.gone
    drafts.remove("entry:open", drafts.open("open").token, "张三")
    edited(drafts, "open")  # as it is published
    assert drafts.all() == ()


def test_what_was_never_published_goes_at_once(drafts: Drafts) -> None:
    drafts.save(FaqEntry("new", "能分期吗", StructuredAnswer("能。")), drafts.open("new").token, "张三")
    assert drafts.remove("entry:new", drafts.open("new").token, "张三") is None
    assert drafts.remove("article:none.md", drafts.open_article("none.md").token, "张三") is None
    assert drafts.all() == ()


def test_many_over_a_draft_that_nobody_had_seen_are_refused(drafts: Drafts) -> None:
    edited(drafts, "open", category="甲")
    seen = drafts.all()[0].number
    edited(drafts, "close", category="乙", author="李四")
    rows = [FaqEntry("n1", "新问题", StructuredAnswer("答。")), FaqEntry("close", "怎么关", StructuredAnswer("答。"))]
    with pytest.raises(ConflictError) as caught:
        drafts.save_many(rows, "张三", "import", upto=seen)
    assert "李四" in caught.value.user_message and "「close」" in caught.value.user_message
    assert len(drafts.all()) == 2
    assert drafts.save_many(rows, "张三", "import", upto=drafts.all()[0].number) == 2
