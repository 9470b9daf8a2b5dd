from hypothesis import given, settings
from hypothesis import strategies as st

from kb.chunking.lines import Line, lines_of


def test_line_ends() -> None:
    assert list(lines_of("甲\r\n乙\x85\n")) == [Line(0, 1, "甲"), Line(3, 5, "乙\x85"), Line(6, 6, "")]


@settings(deadline=None)
@given(st.text())
def test_offsets(text: str) -> None:
    assert all(text[line.start : line.end] == line.text for line in lines_of(text))
