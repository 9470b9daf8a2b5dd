from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.corpus import Corpus
from kb.lexicon import Lexicon
from kb.records import Boundary, Chunk, FaqEntry, Section, StructuredAnswer
from kb.units import LaidOut, Role, Row, Unit, UnitKind, lay_out

CHUNK = Chunk("c", "art", "art#1", ("开通", "条件"), 0, 5, "年满１８岁")


def corpus(entries: tuple[FaqEntry, ...] = (), chunks: tuple[Chunk, ...] = ()) -> Corpus:
    sections = (
        Section("art#0", "art", ("开通",), 0, 0),
        Section("art#1", "art", ("开通", "条件"), 0, 5, ("F1",)),
    )
    boundaries = (Boundary("bd", "human", "handoff", ("转人工", "转 人工")),)
    return Corpus(Path(), entries, (), sections, chunks, boundaries, Lexicon(), (), "")


def test_units_and_rows_by_hand() -> None:
    entry = FaqEntry(
        "a",
        "怎么Ａ",
        StructuredAnswer("短。", "详。", ("一步",)),
        ("怎么A", "如何A"),
        ("不是A",),
        "steps",
        "类",
        ("F1",),
    )
    off = FaqEntry("off", "停用的", StructuredAnswer(""), enabled=False, checked_on=date(2026, 1, 1))

    layout = lay_out(corpus((entry, off), (CHUNK,)))

    assert layout.units == (
        Unit("a", UnitKind.FAQ, "怎么Ａ", ("F1",), "类"),
        Unit("art#1", UnitKind.SECTION, "开通 / 条件", ("F1",)),  # art#0 has no chunk
        Unit("bd", UnitKind.BOUNDARY, "human", expect="handoff"),
    )
    assert layout.rows == (
        Row(0, Role.FORM, "怎么a"),
        Row(0, Role.FORM, "如何a"),
        Row(0, Role.TEXT, "短。 详。"),
        Row(0, Role.NEGATIVE, "不是a"),
        Row(1, Role.TEXT, "开通 条件 年满18岁"),
        Row(2, Role.FORM, "转人工"),
        Row(2, Role.FORM, "转 人工"),
    )


def test_an_empty_answer_is_no_row() -> None:
    layout = lay_out(corpus((FaqEntry("a", "问", StructuredAnswer("")),)))

    assert [row for row in layout.rows if row.unit == 0] == [Row(0, Role.FORM, "问")]


@given(st.lists(st.lists(st.text("甲乙Ａa ", max_size=3), min_size=1, max_size=4), max_size=4))
def test_no_text_stands_twice_in_a_role_of_a_unit(forms: list[list[str]]) -> None:
    entries = tuple(FaqEntry(str(n), own[0], StructuredAnswer(""), tuple(own[1:])) for n, own in enumerate(forms))

    layout = lay_out(corpus(entries))

    assert len(set(layout.rows)) == len(layout.rows)
    assert all(row.text for row in layout.rows)
    assert [row.unit for row in layout.rows] == sorted(row.unit for row in layout.rows)


@given(
    st.lists(st.lists(st.text("甲乙Ａa乾 \0", max_size=3), min_size=1, max_size=4), max_size=4),
    st.sets(st.integers(0, 3)),
)
def test_what_was_laid_out_before_is_laid_out_the_same(forms: list[list[str]], changed: set[int]) -> None:
    old = [FaqEntry(str(n), own[0], StructuredAnswer("答Ａ"), tuple(own[1:])) for n, own in enumerate(forms)]
    new = [replace(entry, question="改Ａ") if n in changed else entry for n, entry in enumerate(reversed(old))]
    before = lay_out(corpus(tuple(old), (CHUNK,)))
    starts = [sum(row.unit < unit for row in before.rows) for unit in range(len(before.units) + 1)]
    roles, texts = [row.role for row in before.rows], [row.text for row in before.rows]

    layout = lay_out(corpus(tuple(new), (CHUNK,)), LaidOut(before.units, starts, roles, texts))

    assert layout == lay_out(corpus(tuple(new), (CHUNK,)))


def test_only_what_was_written_anew_is_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    old, other = FaqEntry("a", "怎么Ａ", StructuredAnswer("答")), FaqEntry("b", "怎么Ｂ", StructuredAnswer("答"))
    before = lay_out(corpus((old,)))
    texts = [row.text for row in before.rows]
    known = LaidOut(before.units, [0, 2, len(texts)], [row.role for row in before.rows], texts)
    asked: list[str] = []
    monkeypatch.setattr("kb.units.normalise_all", lambda texts: asked.extend(texts) or list(texts))

    layout = lay_out(corpus((other, old)), known)

    assert asked == ["怎么Ｂ", "答 "]
    assert [row.text for row in layout.rows] == [*asked, *texts]
