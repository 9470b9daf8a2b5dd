import csv
import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.errors import UsageError
from kb.exchange.exporting import FORMATS, export_faq, mapping_of
from kb.faq import KINDS, entry_from
from kb.readers.cells import COLUMNS, from_cells, neutralise, restore, to_cells
from kb.readers.tables import read_table
from kb.records import Cause, FaqEntry, Formula, StructuredAnswer

TRICKY = [
    "=1+1",
    "'=1",
    "+86",
    "-1",
    "@x",
    '"引号"',
    "第一行\n第二行",
    "甲 => 乙",
    "a | when: b",
    "{x}",
    "、",
    "'",
    "a\rb",
    "\x07铃",
    "正常",
]
# U+FFFD is what broken encodings leave behind: the reader rejects such a row, and says so.
SOUND = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd")
TEXT = st.sampled_from(TRICKY) | st.text(SOUND, max_size=12)
WORDS = TEXT.map(str.strip).filter(bool)
LISTS = st.lists(WORDS, max_size=3, unique=True).map(tuple)
CAUSES = st.lists(st.builds(Cause, WORDS, TEXT.map(str.strip), LISTS), max_size=2).map(tuple)
FORMULAS = st.none() | st.just(Formula("overdue_fee", {"rate": 0.05, "单位": "日"}))
ANSWERS = st.builds(StructuredAnswer, WORDS, TEXT.map(str.strip), LISTS, CAUSES, FORMULAS)
DAYS = st.none() | st.dates()
FACTS = st.lists(st.sampled_from(["F001", "F010", "F100"]), unique=True).map(tuple)
ENTRIES = st.builds(
    FaqEntry,
    WORDS,
    WORDS,
    ANSWERS,
    LISTS,
    LISTS,
    st.sampled_from(KINDS),
    TEXT.map(str.strip),
    FACTS,
    DAYS,
    DAYS,
    st.booleans(),
)


@settings(deadline=None)
@given(ENTRIES)
def test_cells_round_trip(entry: FaqEntry) -> None:
    cells = dict(zip(COLUMNS.values(), to_cells(entry), strict=True))

    assert entry_from(from_cells(cells), "") == entry
    assert not [cell for cell in cells.values() if cell[:1] in tuple("=+-@\t\r")]


@settings(deadline=None)
@given(ENTRIES)
def test_mapping_round_trip(entry: FaqEntry) -> None:
    assert entry_from(mapping_of(entry), "") == entry


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("format_", ["csv", "jsonl", "yaml"])
@given(entries=st.lists(ENTRIES, min_size=1, max_size=4, unique_by=lambda entry: entry.id))
def test_files_round_trip(tmp_path: Path, format_: str, entries: list[FaqEntry]) -> None:
    path = tmp_path / f"a.{format_}"

    export_faq(entries, path, format_)

    assert [entry for _, entry in read_table(path).entries] == entries


def test_xlsx_round_trip(tmp_path: Path) -> None:
    entries = [
        FaqEntry(f"e{n}", text, StructuredAnswer(text, causes=(Cause(text, text, (text,)),)), alternates=tuple(TRICKY))
        for n, text in enumerate(TRICKY)
    ]

    export_faq(entries, tmp_path / "a.xlsx", "xlsx")

    assert [entry for _, entry in read_table(tmp_path / "a.xlsx").entries] == entries


def test_csv_is_for_excel_and_people(tmp_path: Path) -> None:
    entry = FaqEntry(
        "e1", "=怎么开通", StructuredAnswer("打开", causes=(Cause("没接入", "换店", ("甲", "乙")),)), kind="steps"
    )
    export_faq([entry], tmp_path / "a.csv", "csv")
    raw = (tmp_path / "a.csv").read_bytes()
    header, row = csv.reader(raw.decode("utf-8-sig").splitlines())

    assert raw.startswith(b"\xef\xbb\xbf")
    assert header == list(COLUMNS)[:-1]
    assert (row[1], row[4], row[8], row[13]) == ("'=怎么开通", "步骤", "没接入 => 换店 | when: 甲、乙", "是")


def test_jsonl_and_yaml_have_the_form_of_the_corpus(tmp_path: Path) -> None:
    entry = FaqEntry("e1", "怎么开通", StructuredAnswer("打开"), checked_on=date(2026, 1, 2), enabled=False)
    for format_ in ("jsonl", "yaml"):
        export_faq([entry], tmp_path / f"a.{format_}", format_)
    row = {"id": "e1", "question": "怎么开通", "answer": "打开", "kind": "definition", "enabled": False}

    assert json.loads((tmp_path / "a.jsonl").read_text("utf-8")) == row | {"checked_on": "2026-01-02"}
    assert yaml.safe_load((tmp_path / "a.yaml").read_text("utf-8")) == [row | {"checked_on": date(2026, 1, 2)}]
    assert "怎么开通" in (tmp_path / "a.jsonl").read_text("utf-8")


def test_refusals_leave_no_file(tmp_path: Path) -> None:
    long = FaqEntry("e1", "问", StructuredAnswer("长" * 40_000))
    (tmp_path / "folder").mkdir()
    for path, format_, entry in (
        (tmp_path / "a.xlsx", "xlsx", long),
        (tmp_path / "a.doc", "doc", long),
        (tmp_path / "folder", "yaml", long),
    ):
        with pytest.raises(UsageError):
            export_faq([entry], path, format_)

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert FORMATS == ("xlsx", "csv", "jsonl", "yaml")


@settings(deadline=None)
@given(st.text())
def test_neutralised_cells_come_back(text: str) -> None:
    assert restore(neutralise(text)) == text
    assert neutralise(text)[:1] not in tuple("=+-@\t\r")
