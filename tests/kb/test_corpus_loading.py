from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from fakes import write_corpus

from kb.corpus import Corpus, corpus_digest, load_corpus, read_article
from kb.errors import CorpusError
from kb.exchange.faq_files import read_faq_files
from kb.records import Fact


def test_the_tiny_corpus(tiny_corpus: Corpus) -> None:
    assert [entry.id for entry in tiny_corpus.entries] == ["open", "close", "repay", "limit", "bill", "early"]
    assert [len(entry.forms) for entry in tiny_corpus.entries] == [13] * 6
    assert [boundary.expect for boundary in tiny_corpus.boundaries] == ["refuse", "handoff", "smalltalk"]
    assert tiny_corpus.facts == (
        Fact("F001", "须年满十八岁", "高", "以页面为准", ("s1", "s2")),
        Fact("F002", "在钱包里开通", "中", "", ("s3",)),
    )
    assert tiny_corpus.lexicon.stop_words == {"的", "吗", "请问"}


def test_sections_and_chunks_point_into_the_article(tiny_corpus: Corpus) -> None:
    (article,) = tiny_corpus.documents

    assert (article.id, article.title, article.checked_on) == ("art-open", "抖音月付开通说明", date(2026, 11, 23))
    assert article.source == "open.md"
    assert not article.text.startswith("---")
    assert [section.facts for section in tiny_corpus.sections if section.facts] == [("F001", "F003"), ("F002",)]
    for chunk in tiny_corpus.chunks:
        assert article.text[chunk.start : chunk.end] == chunk.text


def test_disabled_entries_are_not_active(tmp_path: Path) -> None:
    rows = [{"id": "a", "question": "甲", "enabled": False}, {"id": "b", "question": "乙"}]

    corpus = load_corpus(write_corpus(tmp_path, rows))

    assert [entry.id for entry in corpus.entries] == ["a", "b"]
    assert [entry.id for entry in corpus.active] == ["b"]


@pytest.mark.parametrize(
    ("name", "text"), [("faq/x.jsonl", '{"id": "a", "question": "甲"}\n\n'), ("articles/x.txt", "题目\n\n正文一句。\n")]
)
def test_one_kind_of_file_is_a_corpus(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(text, "utf-8")

    corpus = load_corpus(tmp_path)

    assert [entry.id for entry in corpus.entries] + [document.id for document in corpus.documents] in (["a"], ["x"])
    assert (corpus.facts, corpus.boundaries) == ((), ())


def test_an_article_without_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "说明.md"
    path.write_text("\ufeff\n# 怎么开通\n\n正文。\n", "utf-8")

    article = read_article(path)

    assert (article.id, article.title, article.text) == ("说明", "怎么开通", "\n# 怎么开通\n\n正文。\n")


def test_a_time_of_day_is_left_out_of_the_date(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\nchecked_on: 2026-01-31 08:00:00\n---\n# 题\n", "utf-8")

    assert repr(read_article(path).checked_on) == "datetime.date(2026, 1, 31)"


def text(name: str, content: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(content, "utf-8")


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (text("faq/a.yaml", "- id: [a"), "a.yaml 读不懂"),
        (text("faq/a.yaml", "id: a"), "a.yaml 的最外层应为列表"),
        (text("faq/a.yaml", "- {id: a, question: 甲, checked_on: 2026-02-30}"), "a.yaml 读不懂"),
        (text("faq/b.jsonl", '{"id": "a"'), "b.jsonl:1 不是合法的 JSON"),
        (text("faq/b.jsonl", '\n{"id": "early", "question": "\\ud83d"}'), "b.jsonl:2"),
        (text("faq/b.jsonl", '{"id": "z", "question": 5, "no": 1}'), "b.jsonl:1：不认识的字段：no"),
        (text("faq/b.jsonl", '{"id": "open", "question": "重复"}'), "编号重复：open"),
        (text("faq/b.jsonl", '{"id": "art-open", "question": "与文章同名"}'), "编号重复：art-open"),
        (
            text("boundaries/all.yaml", "- {id: b, kind: k, expect: story, exemplars: [a]}"),
            "all.yaml:1：expect「story」",
        ),
        (text("articles/open.md", "---\nid: [a\n---\n正文"), "文章 open.md 开头的信息读不懂"),
        (text("articles/open.md", "---\nchecked_on: 2026-02-30\n---\n正文"), "文章 open.md 开头的信息读不懂"),
    ],
)
def test_faults_name_their_place(tmp_path: Path, break_it: Callable[[Path], object], said: str) -> None:
    break_it(write_corpus(tmp_path))

    with pytest.raises(CorpusError) as caught:
        load_corpus(tmp_path)
    assert said in caught.value.user_message


@pytest.mark.parametrize("name", ["faq/a.yaml", "faq/b.jsonl", "articles/open.md", "boundaries/all.yaml", "facts.md"])
def test_another_encoding_is_a_fault(tmp_path: Path, name: str) -> None:
    path = write_corpus(tmp_path) / name
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))

    with pytest.raises(CorpusError) as caught:
        load_corpus(tmp_path)
    assert path.name in caught.value.user_message


def test_no_folder_and_no_knowledge(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus folder"):
        load_corpus(tmp_path / "none")
    with pytest.raises(CorpusError, match="neither entries nor articles"):
        load_corpus(tmp_path)


@pytest.mark.parametrize(
    "name", ["faq/a.yaml", "faq/b.jsonl", "articles/open.md", "boundaries/all.yaml", "lexicon/words.txt", "facts.md"]
)
def test_the_digest_sees_what_a_build_reads(tmp_path: Path, name: str) -> None:
    before = corpus_digest(write_corpus(tmp_path))
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("\n")

    assert corpus_digest(tmp_path) != before


def test_the_digest_does_not_see_the_test_set(tmp_path: Path) -> None:
    before = corpus_digest(write_corpus(tmp_path / "one"))
    (tmp_path / "one" / "questions").mkdir()
    (tmp_path / "one" / "questions" / "answerable.jsonl").write_text("{}", "utf-8")

    assert corpus_digest(tmp_path / "one") == before == corpus_digest(write_corpus(tmp_path / "two"))
    (tmp_path / "two" / "faq" / "b.jsonl").rename(tmp_path / "two" / "faq" / "c.jsonl")
    assert corpus_digest(tmp_path / "two") != before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", "- {id: a, question: 甲, checked_on: 2026-02-30}".encode()),
        ("a.yaml", "- {id: a, question: 甲}".encode("gb18030")),
        ("b.jsonl", b"{"),
    ],
)
def test_editing_reads_with_the_same_care(tmp_path: Path, name: str, content: bytes) -> None:
    (write_corpus(tmp_path) / "faq" / name).write_bytes(content)

    with pytest.raises(CorpusError) as caught:
        read_faq_files(tmp_path)
    assert name in caught.value.user_message


def test_a_passage_of_one_line_is_no_title_and_is_found(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "p1.txt").write_text("抖音月付是先消费后付款的信用支付方式。", encoding="utf-8")
    corpus = load_corpus(tmp_path)
    assert corpus.documents[0].title == "p1"
    assert [chunk.text for chunk in corpus.chunks] == ["抖音月付是先消费后付款的信用支付方式。"]
