import pytest
from lint_bench import Workbench

from kb.lint.rows import read_rows


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("faq/x.yaml", "- id: [\n"),
        ("faq/x.yaml", "id: 不是列表\n"),
        ("faq/x.yaml", "- id: x\n  checked_on: 2026-13-45\n"),
        ("faq/x.jsonl", '{"id": \n'),
        ("boundaries/x.yaml", "- {id: \n"),
        ("articles/x.md", "---\nid: [\n---\n正文\n"),
        ("lexicon/slots.yaml", "- a: [\n"),
        ("policy.yaml", "rules: [\n"),
        ("policy.yaml", "rules: [{id: A, message: 话, patterns: ['(']}]\n"),
        ("policy.yaml", "rules: [{id: A, patterns: [a]}]\n"),
        ("policy.yaml", "phones: {patterns: 不是列表}\n"),
    ],
)
def test_a_file_that_does_not_parse(bench: Workbench, name: str, text: str) -> None:
    bench.write(name, text)

    found = bench.only()

    assert (found.code, found.file) == ("unreadable-file", name.replace("lexicon/slots.yaml", "lexicon"))


@pytest.mark.parametrize("name", ["faq/x.yaml", "faq/x.jsonl", "articles/x.md", "boundaries/x.yaml", "facts.md"])
def test_a_file_in_another_encoding(bench: Workbench, name: str) -> None:
    (bench.folder / name).write_bytes("问题".encode("gbk"))

    assert "unreadable-file" in bench.codes()


@pytest.mark.parametrize(
    "row",
    ["- id: x\n", "- 只是文字\n", "- id: x\n  question: 问\n  kind: 别的\n", "- id: x\n  question: 问\n  colour: 红\n"],
)
def test_an_entry_that_does_not_parse(bench: Workbench, row: str) -> None:
    bench.write("faq/x.yaml", "# 说明\n" + row)

    found = bench.only()

    assert (found.code, found.file, found.line) == ("unreadable-entry", "faq/x.yaml", 2)


def test_a_boundary_that_does_not_parse(bench: Workbench) -> None:
    bench.write("boundaries/x.yaml", "- id: x\n  kind: k\n  expect: 随便\n  exemplars: [话]\n")

    assert bench.codes() == ["unreadable-entry"]


def test_a_field_written_twice(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "  kind: steps\n", "  kind: steps\n  category: 别的\n")

    found = bench.only()

    assert (found.code, found.line) == ("duplicate-key", 10)
    assert "category" in found.message


def test_a_fact_row_without_its_end(bench: Workbench) -> None:
    bench.write("facts.md", "| F049 | 别的 | 中 | | S0\n" + (bench.folder / "facts.md").read_text("utf-8"))

    found = bench.only()

    assert (found.code, found.file, found.line) == ("unreadable-entry", "facts.md", 1)


def test_lines_of_texts(bench: Workbench) -> None:
    (row,) = read_rows(bench.folder / "boundaries" / "b.yaml", bench.folder)

    assert [row.place.line, row.at("exemplars").line] == [1, 4]
    assert [row.at("exemplars", "早上好").line, row.at("exemplars", "没有").line, row.at("没有").line] == [6, 4, 1]


def test_aliases_do_not_trap_the_reader(bench: Workbench) -> None:
    bench.write("faq/x.yaml", "- &a {id: x, facts: [*a]}\n")

    assert bench.codes() == ["unreadable-entry"]


def test_an_empty_file_is_no_fault(bench: Workbench) -> None:
    bench.write("faq/x.yaml", "# 还没写\n")
    bench.write("policy.yaml", "")

    assert bench.lint() == ()
