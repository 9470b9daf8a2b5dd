"""Finding the heading tree of a document, in Markdown and in plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kb.chunking.lines import Line, lines_of
from kb.chunking.numbering import Numbering, read_numbering
from kb.text import exact_key

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t\u3000]+|(?<=##)(?=[^#\s]))(.*?)[ \t]*#*[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_BOLD = re.compile(r"\*\*(.+?)\*\*\Z")
_TABLE_OF_CONTENTS = re.compile(r"[.…·]{3,}\s*\d+\Z|\t\d+\Z")
_CONTENTS = frozenset({"目录", "目次", "contents"})
_SENTENCE = "。；;，,、.…"
_MAX_HEADING = 40
_BELOW_DECIMALS = 11
# Families that do not also number list items in running text.
_STRONG = frozenset({"chapter", "section", "article", "han", "han_paren"})


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading line: ``start:end`` is the line's span, ``path`` leads from the top level down to its own text."""

    start: int
    end: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: Line
    text: str
    number: Numbering
    parent: int | None
    """Index of the enclosing candidate."""


def find_headings(text: str, title: str) -> tuple[Line | None, tuple[Heading, ...]]:
    """Find the line that repeats the document's title and the headings below it, in order of appearance.

    Markdown headings win: where a document has them, numbered lines below are body. A document whose only Markdown
    heading is its title is read as plain text, with only the numbers that do not also number list items
    (第一章, 一、, （一）) opening a heading on their own.
    """
    lines = [line for line in lines_of(text) if line.text.strip()]
    marked = _atx_headings(lines)
    title_line = _title_line(lines, marked, title)
    below = [(level, line, name) for level, line, name in marked if line is not title_line]
    if below:
        return title_line, _nest(below)
    body = [line for line in lines if line is not title_line]
    return title_line, _plain_headings(body, strong_only=bool(marked))


def _atx_headings(lines: list[Line]) -> list[tuple[int, Line, str]]:
    found: list[tuple[int, Line, str]] = []
    fence = ""
    fences = [match.group(1)[:3] for line in lines if (match := _FENCE.match(line.text))]
    for line in lines:
        mark = _FENCE.match(line.text)
        if mark and (fence or fences.count(mark.group(1)[:3]) % 2 == 0):  # a fence that never closes is no fence
            fence = "" if fence == mark.group(1)[:3] else fence or mark.group(1)[:3]
        elif not fence and (atx := _ATX.match(line.text)) and atx.group(2).strip():
            found.append((len(atx.group(1)), line, atx.group(2).strip()))
    return found


def _title_line(lines: list[Line], marked: list[tuple[int, Line, str]], title: str) -> Line | None:
    """Find the title: the first line, or the first top-level Markdown heading, when it says what the title says."""
    key = exact_key(title)
    if not key:
        return None
    if marked and marked[0][0] == 1 and exact_key(marked[0][2]) == key:
        return marked[0][1]
    return lines[0] if lines and exact_key(lines[0].text) == key else None


def _nest(found: list[tuple[int, Line, str]]) -> tuple[Heading, ...]:
    headings: list[Heading] = []
    stack: list[tuple[int, str]] = []
    for level, line, name in found:
        while stack and stack[-1][0] >= level:
            stack.pop()
        stack.append((level, name))
        headings.append(Heading(line.start, line.end, tuple(text for _, text in stack)))
    return tuple(headings)


def _plain_headings(lines: list[Line], *, strong_only: bool) -> tuple[Heading, ...]:
    candidates = _number_tree(lines, strong_only=strong_only)
    position = {line.start: index for index, line in enumerate(lines)}
    kept = _without_lists(candidates, [position[item.line.start] for item in candidates], len(lines))
    headings = []
    for index in sorted(kept):
        item = candidates[index]
        path, parent = [item.text], item.parent
        while parent is not None:
            if parent in kept:
                path.insert(0, candidates[parent].text)
            parent = candidates[parent].parent
        headings.append(Heading(item.line.start, item.line.end, tuple(path)))
    return tuple(headings)


def _number_tree(lines: list[Line], *, strong_only: bool) -> list[_Candidate]:
    """Short numbered lines whose numbers continue what stands open above them."""
    candidates: list[_Candidate] = []
    stack: list[int] = []
    for line, text, number in _numbered(lines):
        for placed in _placings(number, [candidates[index].number for index in stack]):
            rest = [index for index in stack if candidates[index].number.rank < placed.rank]
            dropped = [candidates[index].number for index in stack[len(rest) :]]
            last = next((item for item in dropped if item.rank == placed.rank), None)
            parent = candidates[rest[-1]].number if rest else None
            if (parent is None and strong_only and number.family not in _STRONG) or not _continues(
                placed, last, parent
            ):
                continue
            candidates.append(_Candidate(line, text, placed, rest[-1] if rest else None))
            stack = [*rest, len(candidates) - 1]
            break
    return candidates


def _placings(number: Numbering, above: list[Numbering]) -> list[Numbering]:
    """Give the ranks a number may have: "1." heads "1.1", but below an open "1.1" it numbers what that holds."""
    if number.family == "arabic" and any(item.family == "decimal" for item in above):
        return [replace(number, rank=_BELOW_DECIMALS), number]
    return [number]


def _numbered(lines: list[Line]) -> list[tuple[Line, str, Numbering]]:
    contents: set[str] = set()
    in_contents = False
    found = []
    for line in lines:
        text = line.text.strip()
        bold = _BOLD.match(text)
        text = bold.group(1).strip() if bold else text
        number = read_numbering(text) if _is_short(text) else None
        if text.replace(" ", "").replace("\u3000", "").lower() in _CONTENTS:
            in_contents = True
        elif number is None or text in contents:
            in_contents = False
        if in_contents:
            contents.add(text)
        elif number is not None:
            found.append((line, text, number))
    return _with_decimal_children(found)


def _is_short(text: str) -> bool:
    if len(text) > _MAX_HEADING or text.endswith(tuple(_SENTENCE)):
        return False
    return not any(mark in text for mark in "。；;") and not _TABLE_OF_CONTENTS.search(text)


def _with_decimal_children(found: list[tuple[Line, str, Numbering]]) -> list[tuple[Line, str, Numbering]]:
    """Drop bare numbers ("3 天内") unless they head decimals: "1 概述" needs a 1.1 somewhere."""
    parents = {number.value[0] for _, _, number in found if number.family == "decimal"}
    return [item for item in found if item[2].family != "bare" or item[2].value[0] in parents]


def _continues(number: Numbering, last: Numbering | None, parent: Numbering | None) -> bool:
    """Tell whether a number starts a series or goes on with one; the strong families may skip numbers."""
    if last is not None and last.family != number.family:
        return False
    if number.family == "decimal":
        return _decimal_continues(number, last, parent)
    value = number.value[0]
    if last is None:
        return value == 1 or number.family in _STRONG
    return value == 1 or value == last.value[0] + 1 or (number.family in _STRONG and value > last.value[0])


def _decimal_continues(number: Numbering, last: Numbering | None, parent: Numbering | None) -> bool:
    if parent is not None and number.value[: len(parent.value)] != parent.value:
        return parent.family in {"han", "han_paren", "section"} and number.value[-1] in _next_of(number, last)
    return number.value[-1] in _next_of(number, last)


def _next_of(number: Numbering, last: Numbering | None) -> set[int]:
    if last is None or last.value[:-1] != number.value[:-1]:
        return {1}
    return {1, last.value[-1] + 1}


def _without_lists(candidates: list[_Candidate], positions: list[int], total: int) -> set[int]:
    """Keep the candidates that are headings: a run of siblings with nothing between them is a list.

    The last sibling does not vote (what follows a list looks like its body), unless it is alone.
    """
    kept: set[int] = set()
    for group in _siblings(candidates):
        followed = [_has_content(index, positions, candidates, total) for index in group]
        voters = followed[:-1] or followed
        if 2 * sum(voters) >= len(voters):
            kept.update(group)
    return kept


def _has_content(index: int, positions: list[int], candidates: list[_Candidate], total: int) -> bool:
    """Tell whether a line of body or a deeper heading follows before the next candidate of this rank or above."""
    if index + 1 < len(candidates):
        adjacent = positions[index + 1] == positions[index] + 1
        return not adjacent or candidates[index + 1].parent == index
    return positions[index] + 1 < total


def _siblings(candidates: list[_Candidate]) -> list[list[int]]:
    """Series of candidates under the same parent; a number that starts again starts another series."""
    groups: dict[tuple[int | None, str, tuple[int, ...]], list[list[int]]] = {}
    for index, item in enumerate(candidates):
        series = groups.setdefault((item.parent, item.number.family, item.number.value[:-1]), [])
        if not series or item.number.value <= candidates[series[-1][-1]].number.value:
            series.append([])
        series[-1].append(index)
    return [group for series in groups.values() for group in series]
