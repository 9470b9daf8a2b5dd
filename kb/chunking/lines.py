"""Lines of a text with their offsets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line end: ``source[start:end] == text``."""

    start: int
    end: int
    text: str


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines of a text; only a line feed, with an optional carriage return before it, ends a line."""
    start = 0
    for raw in text.split("\n"):
        body = raw.removesuffix("\r")
        yield Line(start, start + len(body), body)
        start += len(raw) + 1
