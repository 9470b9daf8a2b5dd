"""Files that were parsed before are not parsed again, and say the same."""

import os
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


def test_what_nobody_has_asked_for_in_a_long_time_goes(kept: ParsedFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.parsed._KEPT_FILES", 2)

    def ask(name: str) -> None:
        kept.records(name.encode(), corpus.entry_of, lambda: (FaqEntry(name, "问", StructuredAnswer("")),))
        for age, path in enumerate(sorted(files_of(kept), key=lambda path: -path.stat().st_mtime)):
            os.utime(path, (1_000_000 - age, 1_000_000 - age))

    for name in ("a", "b", "a", "c"):
        ask(name)

    left = {path.read_text("utf-8").partition("\n")[2] for path in files_of(kept)}
    assert [any(f'"id": "{name}"' in text for text in left) for name in "abc"] == [True, False, True]
