"""Files that were parsed before are not parsed again, and say the same."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from fakes import write_corpus

from kb import corpus
from kb.corpus import load_corpus
from kb.errors import CorpusError
from kb.parsed import ParsedFiles
from kb.records import FaqEntry, Formula, StructuredAnswer


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long each text was that has been parsed as YAML."""
    seen: list[int] = []
    parse = corpus.parse_yaml

    def counting(text: str) -> object:
        seen.append(len(text))
        return parse(text)

    monkeypatch.setattr(corpus, "parse_yaml", counting)
    return seen


@pytest.fixture
def kept(tmp_path: Path) -> ParsedFiles:
    return ParsedFiles(tmp_path / "store" / "parsed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def files_of(kept: ParsedFiles) -> list[Path]:
    return sorted(kept._folder.iterdir())


def test_the_second_time_only_the_file_that_changed_is_parsed(
    folder: Path, kept: ParsedFiles, parsed: list[int]
) -> None:
    first = load_corpus(folder, kept)
    every = len(parsed)
    (folder / "faq" / "zz.yaml").write_text("- {id: new, question: 新问题, checked_on: 2026-11-28}\n", "utf-8")
    parsed.clear()

    second = load_corpus(folder, kept)

    assert every > len(parsed) == 2  # and the front matter of the one article
    added = FaqEntry("new", "新问题", StructuredAnswer(""), checked_on=date(2026, 11, 28))
    assert second.entries == load_corpus(folder).entries
    assert [entry for entry in second.entries if entry not in first.entries] == [added]
    assert second.boundaries == first.boundaries


@pytest.mark.parametrize("damage", ["", "{", "0" * 64 + "\n[]", None])
def test_what_is_damaged_is_parsed_again(
    folder: Path, kept: ParsedFiles, parsed: list[int], damage: str | None
) -> None:
    before = load_corpus(folder, kept)
    every = len(parsed)
    for path in files_of(kept):
        text = path.read_text("utf-8")
        path.write_text(text.replace("开通", "关闭") if damage is None else damage, "utf-8")
    parsed.clear()

    assert load_corpus(folder, kept) == before
    assert len(parsed) == every
    parsed.clear()
    load_corpus(folder, kept)
    assert len(parsed) < every


def test_a_folder_that_cannot_be_written_is_done_without(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    assert load_corpus(folder, ParsedFiles(tmp_path / "file")) == load_corpus(folder)


def test_a_fault_is_told_every_time(folder: Path, kept: ParsedFiles) -> None:
    (folder / "faq" / "more.yaml").write_text("- {id: new, question: 新, kind: 没有的}\n", "utf-8")

    for _ in range(2):
        with pytest.raises(CorpusError) as caught:
            load_corpus(folder, kept)
        assert "more.yaml:1" in caught.value.user_message


@pytest.mark.parametrize("params", [{"since": date(2026, 1, 1)}, {1: 2}])
def test_what_json_cannot_say_is_not_kept(kept: ParsedFiles, params: Mapping[str, object]) -> None:
    entry = FaqEntry("a", "问", StructuredAnswer("答", formula=Formula("overdue_fee", params)))
    parses = []

    def parse() -> tuple[FaqEntry, ...]:
        parses.append(1)
        return (entry,)

    for _ in range(2):
        assert kept.records(b"content", corpus.entry_of, parse) == (entry,)
    assert len(parses) == 2


def test_many_files_are_all_kept_and_of_what_is_gone_the_newest(
    folder: Path, kept: ParsedFiles, parsed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.parsed._SPARE_FILES", 1)
    for number in range(5):
        text = f"- {{id: new{number}, question: 新问题{number}}}\n"
        (folder / "faq" / f"zz{number}.yaml").write_text(text, "utf-8")
    load_corpus(folder, kept)
    every = len(files_of(kept))
    parsed.clear()
    load_corpus(folder, kept)
    again = len(parsed)
    for change in range(4):
        text = f"- {{id: new0, question: 改了{change}次}}\n"
        (folder / "faq" / "zz0.yaml").write_text(text, "utf-8")
        load_corpus(folder, kept)

    assert again == 1  # the front matter of the one article
    assert len(files_of(kept)) == every + 1


def test_the_records_of_another_file_are_not_taken(folder: Path, kept: ParsedFiles) -> None:
    before = load_corpus(folder, kept)
    texts = [path.read_text("utf-8") for path in files_of(kept)]
    for path, text in zip(files_of(kept), [*texts[1:], texts[0]], strict=True):
        path.write_text(text, "utf-8")

    assert load_corpus(folder, kept) == before


def test_other_rules_make_other_records(
    folder: Path, kept: ParsedFiles, parsed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    load_corpus(folder, kept)
    every = len(parsed)
    parsed.clear()
    monkeypatch.setattr("kb.parsed._rules", lambda: "other")

    load_corpus(folder, kept)

    assert len(parsed) == every
