from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import write_corpus

from assistant.editing import uploads
from assistant.editing.drafts import Drafts
from assistant.editing.errors import ConflictError, EditError
from assistant.editing.ledger import Ledger
from assistant.editing.shelf import Shelf
from assistant.editing.uploads import ArticleUpload, TableUpload, keep, preview
from kb.errors import KbError, ReadError


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(Ledger(tmp_path / "desk.sqlite"), Shelf(write_corpus(tmp_path / "corpus")))


def shown(drafts: Drafts, path: Path) -> uploads.Upload:
    return preview(path, drafts._shelf.now(), drafts)


def test_a_table_shows_what_it_brings_and_what_would_fail(drafts: Drafts, tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text(
        "编号,标准问,答案,类型,相似问\n"
        "n1,月付能分期吗,能。,是否,\n"
        "open,抖音月付怎么开通,在钱包里。,步骤,月付咋开\n"
        "n2,,没有问题,是否,\n"
        "n3,怎么退款,退。,胡说,\n"
        "n1,重复的编号,答。,是否,\n"
        "art-open,文章的编号,答。,是否,\n",
        "utf-8",
    )
    upload = shown(drafts, path)

    assert isinstance(upload, TableUpload)
    assert [entry.id for entry in upload.added] == ["n1"]
    assert [entry.id for entry in upload.changed] == ["open"] and "月付咋开" in upload.changed[0].alternates
    assert sorted(fault.row for fault in upload.failed) == [4, 5, 6, 7]
    assert drafts.all() == ()

    assert keep(upload, drafts, "张三") == 2
    assert {draft.target for draft in drafts.all()} == {"entry:n1", "entry:open"}
    again = shown(drafts, path)
    assert isinstance(again, TableUpload) and (again.added, again.changed) == ((), ())


def test_ten_thousand_rows(drafts: Drafts, tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    rows = "".join(f"n{n},问题{n}号怎么办,答案{n}\n" for n in range(10_000))
    path.write_text("编号,标准问,答案\n" + rows, "utf-8")
    upload = shown(drafts, path)
    assert isinstance(upload, TableUpload) and len(upload.added) == 10_000
    assert keep(upload, drafts, "张三") == 10_000
    assert len(drafts.all()) == 10_000


def test_an_article_shows_its_chunks(drafts: Drafts, tmp_path: Path) -> None:
    path = tmp_path / "费用 说明.md"
    path.write_text("# 费用说明\n\n## 一、年费\n\n月付没有年费。\n\n## 二、逾期\n\n逾期有违约金。\n", "utf-8")
    upload = shown(drafts, path)

    assert isinstance(upload, ArticleUpload)
    assert (upload.name, upload.title, upload.replaces) == ("费用-说明.md", "费用说明", False)
    assert [chunk.text for chunk in upload.chunks] == ["月付没有年费。", "逾期有违约金。"]
    keep(upload, drafts, "张三")
    assert [draft.target for draft in drafts.all()] == ["article:费用-说明.md"]


def test_an_article_that_is_there_is_replaced_where_it_lies(drafts: Drafts, tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("---\nid: art-open\n---\n# 开通\n\n新的说明。\n", "utf-8")
    upload = shown(drafts, path)
    assert isinstance(upload, ArticleUpload) and (upload.name, upload.replaces) == ("open.md", True)


@pytest.mark.parametrize("name", ["x.exe", "x.xls", "x.csv", "x.pdf"])
def test_what_is_none_of_ours_is_named(drafts: Drafts, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x7fELF\x02\x01\x01" + bytes(200))
    with pytest.raises(ReadError) as caught:
        shown(drafts, tmp_path / name)
    assert name in caught.value.user_message


def test_a_file_that_is_too_big(drafts: Drafts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 10)
    (tmp_path / "a.md").write_text("# 很长的文章\n\n正文正文正文。\n", "utf-8")
    with pytest.raises(EditError):
        shown(drafts, tmp_path / "a.md")


def test_a_page_without_a_body(drafts: Drafts, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 只有标题\n", "utf-8")
    with pytest.raises(KbError):
        shown(drafts, tmp_path / "a.md")


def test_whoever_saved_since_the_preview_is_not_lain_over(drafts: Drafts, tmp_path: Path) -> None:
    article, rows = tmp_path / "x.md", tmp_path / "x.csv"
    article.write_text("---\nid: art-open\n---\n# 开通\n\n新的说明。\n", "utf-8")
    rows.write_text("编号,标准问,答案\nopen,抖音月付怎么开通,在钱包里。\n", "utf-8")
    seen = {path: shown(drafts, path).seen for path in (article, rows)}
    opened = drafts.open("open")
    assert opened.entry is not None
    drafts.save(replace(opened.entry, category="李四的"), opened.token, "李四")
    there = drafts.open_article("open.md")
    drafts.save_article("open.md", there.text + "李四的话。\n", there.token, "李四")

    for path in (article, rows):
        with pytest.raises(ConflictError) as caught:
            keep(shown(drafts, path), drafts, "张三", seen[path])
        assert "李四" in caught.value.user_message
    again = shown(drafts, article)
    assert isinstance(again, ArticleUpload) and again.drafted == "李四"
    table = shown(drafts, rows)
    assert isinstance(table, TableUpload) and table.drafted == ("open",)
    assert keep(again, drafts, "张三") == 1 and keep(table, drafts, "张三") == 1
    entry = drafts.open("open").entry
    assert entry is not None and (entry.category, entry.answer.short) == ("李四的", "在钱包里。")
