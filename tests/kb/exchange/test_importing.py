import threading
from dataclasses import replace
from pathlib import Path

import pytest

from kb.chunking import split
from kb.corpus import load_corpus, read_article
from kb.errors import CorpusError, ReadError, UsageError
from kb.exchange.exporting import export_faq
from kb.exchange.faq_files import read_faq_files
from kb.exchange.importing import import_file, merged_entry
from kb.paths import shipped_corpus
from kb.records import Cause, FaqEntry, StructuredAnswer

DATA = Path(__file__).parents[2] / "data"
FAQ = "# 手写的说明\n- id: a\n  question: 怎么开通\n  alternates: [如何开通]\n  answer: 打开抖音\n  category: 开通\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "faq").mkdir(parents=True)
    (folder / "faq" / "open.yaml").write_text(FAQ, "utf-8")
    return folder


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(text, "utf-8")
    return path


def entries(corpus: Path) -> dict[str, FaqEntry]:
    return {entry.id: entry for entry in load_corpus(corpus).entries}


def snapshot(folder: Path) -> dict[str, str]:
    return {
        str(path): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and ".import" not in path.parts
    }


def test_merge_goes_where_the_id_lives(corpus: Path, tmp_path: Path) -> None:
    report = import_file(
        table(tmp_path, "编号,标准问,相似问,答案\na,怎样开通,开通月付,\nb,怎么还款,,点还款\n,,,\nc,,,x\n"), corpus
    )

    assert (report.kind, report.added, report.merged) == ("faq", ("b",), ("a",))
    assert [fault.row for fault in report.failed] == [5]
    assert report.written == (corpus / "faq" / "open.yaml", corpus / "faq" / "imported.yaml")
    assert entries(corpus)["a"].forms == ("怎么开通", "如何开通", "怎样开通", "开通月付")
    assert entries(corpus)["a"].answer.short == "打开抖音"
    assert (corpus / "faq" / "open.yaml").read_text("utf-8").startswith("# 手写的说明\n- id: a\n")
    assert entries(corpus)["b"].answer.short == "点还款"


def test_a_table_without_a_column_costs_an_answer_nothing(corpus: Path, tmp_path: Path) -> None:
    full = "编号,标准问,类型,答案,详情,步骤,原因\na,怎么开通,步骤,打开抖音,细节,点一下,没接入 => 换店\n"
    import_file(table(tmp_path, full), corpus)

    import_file(table(tmp_path, "编号,标准问,答案\na,怎么开通,先打开抖音\n"), corpus)

    answer = StructuredAnswer("先打开抖音", "细节", ("点一下",), (Cause("没接入", "换店"),))
    assert (entries(corpus)["a"].answer, entries(corpus)["a"].kind) == (answer, "steps")


@pytest.mark.parametrize("format_", ["xlsx", "csv", "jsonl", "yaml"])
@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_what_was_edited_in_an_export_arrives(corpus: Path, tmp_path: Path, format_: str, mode: str) -> None:
    full = "编号,标准问,类型,答案,步骤,启用\na,怎么开通,步骤,打开抖音,点一下,否\n"
    import_file(table(tmp_path, full), corpus)
    old = entries(corpus)["a"]
    new = replace(old, alternates=(*old.alternates, "=怎么弄"), kind="definition", enabled=True, category="新")
    path = tmp_path / f"out.{format_}"
    export_faq([new], path, format_)
    if format_ in ("jsonl", "yaml"):  # what says nothing in these two is left out; an editor turns false into true
        export_faq([replace(new, enabled=False)], path, format_)
        path.write_text(path.read_text("utf-8").replace("false", "true"), "utf-8")

    report = import_file(path, corpus, mode)

    assert (report.added, report.merged, report.skipped, report.failed) == ((), ("a",), (), ())
    assert entries(corpus)["a"] == new


@pytest.mark.parametrize("format_", ["xlsx", "csv", "jsonl", "yaml"])
def test_shipped_entries_go_out_and_come_back_whole(tmp_path: Path, format_: str) -> None:
    shipped = {entry.id: entry for entry in load_corpus(shipped_corpus()).entries[::9]}
    (tmp_path / "empty" / "faq").mkdir(parents=True)
    path = tmp_path / f"all.{format_}"
    export_faq(list(shipped.values()), path, format_)

    report = import_file(path, tmp_path / "empty")

    assert (len(report.added), report.merged, report.skipped, report.failed) == (len(shipped), (), (), ())
    assert entries(tmp_path / "empty") == shipped
    again = import_file(path, tmp_path / "empty")
    assert (again.added, again.merged, len(again.skipped), again.failed) == ((), (), len(shipped), ())


def test_an_empty_cell_neither_enables_nor_changes_the_kind(corpus: Path, tmp_path: Path) -> None:
    import_file(table(tmp_path, "编号,标准问,类型,答案,步骤,启用\na,怎么开通,步骤,打开,点,否\n"), corpus)

    import_file(table(tmp_path, "编号,标准问,类型,答案,启用\na,怎么开通,,再打开,\n"), corpus)

    assert (entries(corpus)["a"].enabled, entries(corpus)["a"].kind) == (False, "steps")


def test_same_question_is_the_same_entry(corpus: Path, tmp_path: Path) -> None:
    path = table(tmp_path, "标准问,答案\n怎么开通？,点开通\n")

    assert import_file(path, corpus).merged == ("a",)
    assert entries(corpus)["a"].answer.short == "点开通"


def test_append_and_replace(corpus: Path, tmp_path: Path) -> None:
    path = table(tmp_path, "编号,标准问,答案\na,怎样开通,点开通\n")

    appended = import_file(path, corpus, "append")
    assert (appended.merged, len(appended.skipped), appended.written) == ((), 1, ())
    import_file(path, corpus, "replace")
    assert entries(corpus)["a"] == FaqEntry("a", "怎样开通", StructuredAnswer("点开通"))


def test_twice_is_once(corpus: Path, tmp_path: Path) -> None:
    path = table(tmp_path, "标准问,答案\n怎么还款,点还款\n怎么 还款？,点\n")
    first = import_file(path, corpus)
    before = snapshot(corpus)
    second = import_file(path, corpus, "append")

    assert (len(first.added), len(first.failed)) == (1, 1)
    assert (second.added, len(second.skipped)) == ((), 1)
    assert snapshot(corpus) == before


def test_dry_run_writes_nothing(corpus: Path, tmp_path: Path) -> None:
    before = snapshot(tmp_path)
    path = table(tmp_path, "标准问,答案\n怎么还款,点还款\n")
    before = snapshot(tmp_path)

    assert len(import_file(path, corpus, dry_run=True).added) == 1
    assert import_file(DATA / "seed-article.txt", corpus, dry_run=True).added == ("seed-article",)
    assert snapshot(tmp_path) == before
    assert not (corpus / ".import").exists()


def test_seed_article_arrives_whole(corpus: Path) -> None:
    report = import_file(DATA / "seed-article.txt", corpus)
    article = read_article(report.written[0])
    sections, chunks = split(article)

    assert (report.kind, report.added, len(report.dropped)) == ("article", ("seed-article",), 14)
    assert article.title.startswith("抖音月付显示") and article.title.endswith("详细解答!")
    assert [section.heading_path[-1] for section in sections if len(section.heading_path) == 1][1:] == [
        "一、抖音月付显示“本订单暂不支持”的原因",
        "二、抖音月付的开通方法",
    ]
    assert len(sections) == 23
    assert article.text.count("\n#### ") == 15
    assert not [chunk for chunk in chunks if "毛毛" in chunk.text or "延展阅读" in chunk.text]


def test_article_again(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "art.md"
    path.write_text("# 还款\n\n## 一、步骤\n<!-- facts: F001 -->\n打开抖音。\n", "utf-8")

    assert import_file(path, corpus).added == ("art",)
    assert len(import_file(path, corpus).skipped) == 1
    path.write_text("# 还款\n\n## 一、步骤\n点还款。\n", "utf-8")
    assert len(import_file(path, corpus, "append").skipped) == 1
    assert import_file(path, corpus, "merge").merged == ("art",)
    assert split(read_article(corpus / "articles" / "art.md"))[1][0].text == "点还款。"


def test_article_never_takes_the_id_of_an_entry(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# 还款\n\n打开抖音。\n", "utf-8")

    assert import_file(path, corpus).added == ("art-a",)
    assert len(load_corpus(corpus).documents) == 1


def test_html_names_what_was_left_out(corpus: Path) -> None:
    report = import_file(DATA / "page-forum.html", corpus)

    assert "单车停在禁停区会扣多少钱" in [item.text for item in report.dropped]
    assert "单车" not in report.written[0].read_text("utf-8")


def test_faults_leave_the_corpus_alone(corpus: Path, tmp_path: Path) -> None:
    before = snapshot(corpus)
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04\x00\x00")

    with pytest.raises(ReadError):
        import_file(tmp_path / "bad.xlsx", corpus)
    with pytest.raises(UsageError):
        import_file(tmp_path / "bad.xlsx", corpus, "overwrite")
    with pytest.raises(CorpusError):
        import_file(tmp_path / "bad.xlsx", tmp_path / "nowhere")
    assert snapshot(corpus) == before


def test_exported_corpus_imports_as_nothing_new(corpus: Path, tmp_path: Path) -> None:
    export_faq(list(entries(corpus).values()), tmp_path / "out.csv", "csv")

    report = import_file(tmp_path / "out.csv", corpus)

    assert (report.added, report.merged, len(report.skipped)) == ((), (), 1)


def test_imports_at_the_same_time_lose_nothing(corpus: Path, tmp_path: Path) -> None:
    paths = []
    for number in range(6):
        paths.append(tmp_path / f"in{number}.csv")
        paths[-1].write_text(f"标准问,答案\n问题{number},答\n", "utf-8")
    threads = [threading.Thread(target=import_file, args=(path, corpus)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(len(file.entries) for file in read_faq_files(corpus)) == 7


def test_merging_never_enables_and_keeps_what_is_not_given() -> None:
    old = FaqEntry("a", "问", StructuredAnswer("答"), category="类", enabled=False)

    assert merged_entry(old, FaqEntry("x", "问", StructuredAnswer(""))) == old
    assert merged_entry(replace(old, enabled=True), replace(old, id="x")).enabled is False
