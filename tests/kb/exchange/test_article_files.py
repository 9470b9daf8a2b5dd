from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.chunking import split
from kb.corpus import read_article
from kb.errors import CorpusError
from kb.exchange.article_files import article_text, check_coverage, find_article
from kb.readers.documents import Source
from kb.records import Document

LINES = st.sampled_from(
    ["# 甲", "## 乙", "一、原因", "1. 商家", "正文一句。", "```", "---", "", "目录", "上一篇 x", "<!-- facts: F1 -->"]
)
TEXTS = st.lists(
    LINES | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=15), max_size=15
)


def test_coverage_below_the_mark_is_refused() -> None:
    document = Document("d", "题", "# 题\n\n正文只剩一句。\n", source="a.txt")

    assert check_coverage("题\n正文只剩一句。", (), document) == 1.0
    with pytest.raises(CorpusError, match="coverage"):
        check_coverage("题\n正文只剩一句。还有另外一句丢了。", (), document)
    with pytest.raises(CorpusError, match="no body"):
        check_coverage("题", (), Document("d", "题", "# 题\n"))


def test_front_matter_and_levels() -> None:
    document = Document(
        "d", "题", "一、原因\n**（一）商家**\n正文。\n二、开通\n正文。\n", "类", date(2026, 1, 2), "a.docx"
    )

    text, written, dropped = article_text(Source(document, "docx"), frozenset())

    assert text == (
        "---\nid: d\ntitle: 题\ncategory: 类\nchecked_on: 2026-01-02\nsource: a.docx\n---\n"
        "# 题\n\n## 一、原因\n### （一）商家\n正文。\n## 二、开通\n正文。\n"
    )
    assert (written.id, dropped) == ("d", ())


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=TEXTS, suffix=st.sampled_from(["md", "txt"]))
def test_what_is_written_is_what_is_read(tmp_path: Path, lines: list[str], suffix: str) -> None:
    source = Source(Document("d", "题目", "\n".join(lines), source=f"a.{suffix}"), "text")
    try:
        text, written, _ = article_text(source, frozenset())
    except CorpusError:
        return  # no body, or one that the coverage check refuses
    path = tmp_path / "articles" / "x.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")

    assert find_article(tmp_path, "d") == path
    assert [chunk.text for chunk in split(read_article(path))[1]] == [chunk.text for chunk in split(written)[1]]
