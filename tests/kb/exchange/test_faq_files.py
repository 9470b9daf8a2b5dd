from dataclasses import replace
from pathlib import Path

import pytest

from kb.errors import CorpusError
from kb.exchange.faq_files import FaqFile, read_faq_files, with_entries
from kb.records import FaqEntry, StructuredAnswer

BLOCK = (
    "# 文件说明\n- id: a\n  question: 甲\n\n# 乙的说明\n"
    + "- id: b\n  question: 乙   # 行尾说明\n  answer: |\n    一\n"
    + "    二\n- {id: c, question: 丙}\n"
)


def faq_file(tmp_path: Path, text: str, name: str = "x.yaml") -> FaqFile:
    (tmp_path / "faq").mkdir(exist_ok=True)
    (tmp_path / "faq" / name).write_text(text, "utf-8")
    return read_faq_files(tmp_path)[0]


def test_only_the_entry_is_rewritten(tmp_path: Path) -> None:
    file = faq_file(tmp_path, BLOCK)
    new = replace(file.entries[1], alternates=("乙二",))

    text = with_entries(file, {"b": new})

    assert text.startswith("# 文件说明\n- id: a\n  question: 甲\n\n# 乙的说明\n- id: b\n  question: 乙\n")
    assert text.endswith("\n- {id: c, question: 丙}\n")
    assert faq_file(tmp_path, text).entries == (file.entries[0], new, file.entries[2])


def test_append_keeps_what_is_there(tmp_path: Path) -> None:
    file = faq_file(tmp_path, BLOCK)
    new = FaqEntry("d", "丁", StructuredAnswer("答"))

    assert with_entries(file, {}, [new]).startswith(BLOCK)
    assert faq_file(tmp_path, with_entries(file, {}, [new])).entries == (*file.entries, new)


@pytest.mark.parametrize(
    "text", ["[{id: a, question: 甲}, {id: b, question: 乙}]\n", "  - id: a\n    question: 甲\n", "[]\n", ""]
)
def test_other_forms(tmp_path: Path, text: str) -> None:
    file = faq_file(tmp_path, text)
    changed = {entry.id: replace(entry, category="新") for entry in file.entries}
    new = FaqEntry("d", "丁", StructuredAnswer("答"))

    assert faq_file(tmp_path, with_entries(file, changed, [new])).entries == (*changed.values(), new)


def test_jsonl_lines(tmp_path: Path) -> None:
    file = faq_file(tmp_path, '{"id": "a", "question": "甲"}\n\n{"id": "b", "question": "乙"}\n', "x.jsonl")
    text = with_entries(file, {"b": replace(file.entries[1], category="类")})

    assert text.splitlines()[:2] == ['{"id": "a", "question": "甲"}', ""]
    assert faq_file(tmp_path, text, "x.jsonl").entries[1].category == "类"


def test_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        faq_file(tmp_path, "- [\n")
    assert "x.yaml" in caught.value.user_message


def test_a_removed_entry_takes_its_lines_along_and_no_others(tmp_path: Path) -> None:
    file = faq_file(tmp_path, BLOCK)
    assert with_entries(file, {}, removed={"b"}) == (
        "# 文件说明\n- id: a\n  question: 甲\n\n# 乙的说明\n- {id: c, question: 丙}\n"
    )
    changed = replace(file.entries[0], category="新")
    text = with_entries(file, {"a": changed}, removed={"b", "c"})
    assert faq_file(tmp_path, text).entries == (changed,)
    assert faq_file(tmp_path, with_entries(file, {}, removed={"a", "b", "c"})).entries == ()


@pytest.mark.parametrize(
    "text", ["[{id: a, question: 甲}, {id: b, question: 乙}]\n", "- id: a\n  question: 甲\n- id: b\n  question: 乙"]
)
def test_removing_in_other_forms(tmp_path: Path, text: str) -> None:
    file = faq_file(tmp_path, text)
    for name, left in (("a", file.entries[1:]), ("b", file.entries[:1])):
        assert faq_file(tmp_path, with_entries(file, {}, removed={name})).entries == left
        file = faq_file(tmp_path, text)


def test_removing_a_line_of_jsonl(tmp_path: Path) -> None:
    file = faq_file(tmp_path, '{"id": "a", "question": "甲"}\n{"id": "b", "question": "乙"}', "x.jsonl")
    assert with_entries(file, {}, removed={"b"}) == '{"id": "a", "question": "甲"}\n'
    assert with_entries(file, {}, removed={"a"}) == '{"id": "b", "question": "乙"}'
