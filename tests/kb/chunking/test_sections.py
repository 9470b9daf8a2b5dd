from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.chunking import split
from kb.records import Document

LINES = st.sampled_from(
    [
        "# 标题",
        "## 一、原因",
        "### 步骤",
        "一、原因",
        "二、开通",
        "（一）商家",
        "1. 商家",
        "2. 商品",
        "1.1 背景",
        "①其一",
        "```",
        "目录",
    ]
    + ["正文一句。", "<!-- facts: F010, F011 -->", "", "  ", "第一章", "**二、粗体**", "长" * 400, "一、\r"]
)
TEXTS = st.text(max_size=600) | st.lists(LINES | st.text(max_size=20), max_size=30).map("\n".join)


def document(text: str, title: str = "标题") -> Document:
    return Document("d", title, text)


def test_ids_paths_and_facts() -> None:
    text = (
        "# 标题\n引言。\n\n## 一、原因\n<!-- facts: F010, F011 -->\n原因一。\n\n原因二。\n\n"
        + "### 空\n\n## 二、开通\n<!-- facts：F053 -->\n打开。\n"
    )
    sections, chunks = split(document(text))

    assert [(item.id, item.heading_path, item.facts) for item in sections] == [
        ("d#0", ("标题",), ()),
        ("d#1", ("一、原因",), ("F010", "F011")),
        ("d#2", ("一、原因", "空"), ()),
        ("d#3", ("二、开通",), ("F053",)),
    ]
    assert [(item.id, item.section_id, item.text) for item in chunks] == [
        ("d#0.1", "d#0", "引言。"),
        ("d#1.1", "d#1", "原因一。\n\n原因二。"),
        ("d#3.1", "d#3", "打开。"),
    ]
    assert text[sections[1].start : sections[1].end] == "原因一。\n\n原因二。"
    assert sections[2].start == sections[2].end


def test_facts_line_between_paragraphs_is_in_no_chunk() -> None:
    _, chunks = split(document("## 甲\n一段。\n<!-- facts: F001 -->\n二段。"))

    assert [chunk.text for chunk in chunks] == ["一段。", "二段。"]


def test_no_body_before_the_first_heading_gives_no_section_zero() -> None:
    assert [item.id for item in split(document("# 标题\n\n## 甲\n正文"))[0]] == ["d#1"]


def test_empty_document() -> None:
    assert split(document("")) == ((), ())


@settings(deadline=None)
@given(TEXTS, st.sampled_from(["", "标题", "一、原因"]))
def test_invariants_on_any_text(text: str, title: str) -> None:
    sections, chunks = split(document(text, title))

    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert all(chunk.text.strip() for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert {chunk.section_id for chunk in chunks} <= {section.id for section in sections}
    for section in sections:
        assert section.heading_path or not title
        assert all(section.start <= c.start and c.end <= section.end for c in chunks if c.section_id == section.id)


@settings(deadline=None)
@given(TEXTS)
def test_every_body_character_lies_in_a_chunk(text: str) -> None:
    sections, chunks = split(document(text, ""))
    covered = {place for chunk in chunks for place in range(chunk.start, chunk.end)}
    headings = len([section for section in sections if not section.id.endswith("#0")])
    bare = {
        line.strip()
        for start, line in _lines(text)
        if any(not char.isspace() and start + k not in covered for k, char in enumerate(line))
    }

    assert len([line for line in bare if "facts" not in line]) <= headings


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1
