from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fakes import write_corpus

from assistant.editing.browse import PAGE, Wanted, browse, browse_articles, categories
from assistant.editing.drafts import Drafts
from assistant.editing.ledger import Ledger
from assistant.editing.shelf import Shelf
from kb.records import FaqEntry, StructuredAnswer

TODAY = date(2026, 11, 26)


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(Ledger(tmp_path / "desk.sqlite"), Shelf(write_corpus(tmp_path / "corpus")))


def ids(drafts: Drafts, number: int = 1, **wanted: str) -> list[str]:
    page = browse(drafts._shelf.now(), drafts.all(), Wanted(**wanted), number, TODAY)
    return [row.entry.id for row in page.rows]


def test_filters(drafts: Drafts) -> None:
    assert ids(drafts) == ["open", "close", "repay", "limit", "bill", "early"]
    assert ids(drafts, words="激活 月付") == ["open"]
    assert ids(drafts, words="没有这个词") == []
    assert ids(drafts, category="还款") == ["repay", "early"]
    assert ids(drafts, kind="steps", words="OPEN") == ["open"]
    assert categories(drafts._shelf.now()) == ("关闭", "开通", "账单", "还款", "额度")


def test_drafts_come_first_and_are_searched_as_they_will_be(drafts: Drafts) -> None:
    opened = drafts.open("early")
    assert opened.entry is not None
    expired = replace(opened.entry, question="能提前结清吗", enabled=False, valid_until=date(2026, 1, 1))
    drafts.save(expired, opened.token, "张三")
    drafts.save(FaqEntry("new", "能分期吗", StructuredAnswer("能。")), drafts.open("new").token, "张三")

    page = browse(drafts._shelf.now(), drafts.all(), Wanted(), 1, TODAY)
    assert [(row.entry.id, row.states) for row in page.rows][:3] == [
        ("new", ("draft", "new")),
        ("early", ("draft", "disabled", "expired")),
        ("open", ()),
    ]
    assert ids(drafts, words="能提前结清吗") == ["early"]
    assert ids(drafts, state="new") == ["new"]


def test_pages(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    (folder / "faq").mkdir(parents=True)
    rows = [{"id": f"n{n}", "question": f"问题{n}"} for n in range(2 * PAGE + 1)]
    (folder / "faq" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    published = Shelf(folder).now()

    last = browse(published, (), Wanted(), 99, TODAY)
    assert (last.number, last.pages, last.total, len(last.rows)) == (3, 3, 2 * PAGE + 1, 1)
    assert browse(published, (), Wanted(), -1, TODAY).rows[0].entry.id == "n0"
    assert browse(published, (), Wanted(words="zz"), 1, TODAY).pages == 1


def test_what_will_be_deleted_is_listed_as_such(drafts: Drafts) -> None:
    drafts.remove("entry:early", drafts.open("early").token, "张三")
    page = browse(drafts._shelf.now(), drafts.all(), Wanted(state="gone"), 1, TODAY)
    assert [(row.entry.id, row.states) for row in page.rows] == [("early", ("draft", "gone"))]


def test_articles(drafts: Drafts) -> None:
    text = "---\ntitle: 费用说明\ncategory: 费用\n---\n# 费用\n\n没有年费。\n"
    drafts.save_article("fee.md", text, drafts.open_article("fee.md").token, "张三")
    drafts.remove("article:open.md", drafts.open_article("open.md").token, "张三")

    page = browse_articles(drafts._shelf.now(), drafts.all(), "", 1)
    assert [(row.name, row.title, row.states) for row in page.rows] == [
        ("open.md", "抖音月付开通说明", ("draft", "gone")),
        ("fee.md", "费用说明", ("draft", "new")),
    ]
    assert page.rows[1].category == "费用" and page.rows[1].characters == len("# 费用\n\n没有年费。\n")
    found = browse_articles(drafts._shelf.now(), drafts.all(), "年费", 9)
    assert [row.name for row in found.rows] == ["fee.md"] and (found.number, found.pages, found.total) == (1, 1, 1)
