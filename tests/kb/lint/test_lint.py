from pathlib import Path

import pytest
from lint_bench import Workbench

import kb.lint
from kb.errors import CorpusError
from kb.lint import ERRORS, WARNINGS, lint
from kb.lint.findings import Place, finding, ranked


def test_a_good_corpus_has_no_findings(bench: Workbench) -> None:
    assert bench.lint() == ()


def test_the_added_entry_of_the_bench_is_good(bench: Workbench) -> None:
    bench.add()

    assert bench.lint() == ()


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        lint(tmp_path / "none")
    assert "没有找到" in caught.value.user_message


def test_a_corpus_of_jsonl_alone_is_checked(tmp_path: Path) -> None:
    (tmp_path / "faq").mkdir()
    rows = '{"id": "a", "question": "怎么开"}\n{"id": "a", "question": "怎么开？"}\n'
    (tmp_path / "faq" / "mine.jsonl").write_text(rows, "utf-8")

    errors = [(found.code, found.file, found.line) for found in lint(tmp_path) if found.severity == "error"]

    assert errors == [("reused-id", "faq/mine.jsonl", 2)]  # within one id the same question is no collision


def test_errors_come_first_then_warnings_by_rank() -> None:
    place = Place("faq/a.yaml", 3)
    found = [finding(code, place, "话") for code in (*reversed(WARNINGS), *reversed(ERRORS))]

    order = ranked([*found, *found])

    assert [item.code for item in order] == [*ERRORS, *WARNINGS]
    assert {item.severity for item in order[: len(ERRORS)]} == {"error"}
    assert str(order[0]) == "faq/a.yaml:3 [unreadable-file] 话"


def test_public_names() -> None:
    assert set(kb.lint.__all__) == {
        *("ERRORS", "POLICY", "WARNINGS", "Finding", "Policy"),
        *("lint", "lint_article", "lint_entry", "load_policy"),
    }
