"""Removing what stands around the article on a web page: captions, bylines, links, counts, neighbours.

Only general signals are used (repetition, position, punctuation, common words in ``furniture.yaml``); every line that
is taken away is listed with its number and a reason, so that nothing disappears unseen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kb.chunking.headings import find_headings
from kb.chunking.lines import lines_of
from kb.exchange.furniture_cues import bare, cues, edge_reason, is_link_only, is_prose, is_sentence, lead_reason
from kb.text import exact_key

_SEPARATOR = re.compile(r"\s*[|｜_]\s*|\s+[-–—]+\s+|[-–—]{1,2}(?=[^-–—]{2,20}\Z)")
_SURE_SEPARATOR = re.compile(r"[|｜_]")
_MAX_SITE = 30
_MIN_TITLE = 4
_ECHO = 3
"""A caption that occurs this often is furniture even when it is not the title."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line, or the part of one, that was taken away; ``line_no`` counts from 1, ``reason`` is Chinese."""

    line_no: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class CleanPage:
    """The article of a page: its title, its body without the title line, and what was taken away."""

    title: str
    text: str
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    raw: str
    text: str
    heading: bool


_NO_TITLE = _Row(0, "", "", False)
"""A text that begins with a sentence has no title line."""


def clean_page(text: str) -> CleanPage:
    """Take the article out of the raw text (or Markdown) of a web page. Never raises."""
    rows = _rows(text)
    filled = [row for row in rows if row.text]
    if not filled:
        return CleanPage("", "", ())
    title_row, title, suffix = _title(filled)
    reasons = _reasons(filled, title, title_row)
    dropped = [Dropped(row.number, row.raw.strip(), reasons[row.number]) for row in filled if row.number in reasons]
    if suffix:
        dropped.append(Dropped(title_row.number, suffix, "标题里的网站名"))
    kept = [row.raw.rstrip() for row in rows if row.number not in reasons and row.number != title_row.number]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")
    return CleanPage(title, body, tuple(sorted(dropped, key=lambda item: item.line_no)))


def _reasons(rows: list[_Row], title: str, title_row: _Row) -> dict[int, str]:
    """Line number → why it goes. Links go first: what stands behind them would hide where the article ends."""
    links = dict(_link_blocks(rows))
    article = [row for row in rows if row.number not in links]
    reasons: dict[int, str] = {}
    for found in (
        _repeats(rows, title, title_row),
        _contents(rows),
        _head(article, title_row),
        _tail(article, bool(links)),
        links.items(),
    ):
        for number, reason in found:
            if number != title_row.number:
                reasons.setdefault(number, reason)
    return reasons


def _rows(text: str) -> list[_Row]:
    headings = {heading.start for heading in find_headings(text, "")[1]}
    return [_Row(n, line.text, bare(line.text), line.start in headings) for n, line in enumerate(lines_of(text), 1)]


def _title(rows: list[_Row]) -> tuple[_Row, str, str]:
    """Find the title row, the title in it and the site's name behind it.

    A line of the head that comes again further down, with or without a site name behind it, is the title; else the
    first line that is not navigation.
    """
    keys = Counter(exact_key(row.text) for row in rows)
    head = rows[: _first_sentence(rows) + 1]
    for row in head:
        for prefix, suffix in _splits(row.text):
            if len(prefix) >= _MIN_TITLE and keys[exact_key(prefix)] > (0 if suffix else 1):
                return row, prefix, suffix
    names = (row for row in head if not edge_reason(row.text) and not is_sentence(row.raw))
    row = next((row for row in names if not row.text.startswith("<!--")), _NO_TITLE)
    for prefix, suffix in _splits(row.text)[1:]:
        site = any(word in suffix for word in cues().site_words)
        if _MIN_TITLE <= len(prefix) and len(suffix) <= _MAX_SITE and (site or _SURE_SEPARATOR.search(suffix)):
            return row, prefix, suffix
    return row, row.text, ""


def _splits(text: str) -> list[tuple[str, str]]:
    """Give the line whole, then cut at each separator from the first: (title, separator and site name)."""
    cuts = [match.start() for match in _SEPARATOR.finditer(text)]
    return [(text, ""), *((text[:place].strip(), text[place:]) for place in cuts)]


def _first_sentence(rows: list[_Row]) -> int:
    """Index of the first line of running text below the head; the head is at most the first fifteen lines."""
    found = (index for index, row in enumerate(rows) if index and (is_sentence(row.raw) or row.heading))
    return min(next(found, len(rows) - 1), 15)


def _last_sentence(rows: list[_Row]) -> int:
    """Index of the last line that can belong to the article: running text, or a heading."""
    found = [
        index for index, row in enumerate(rows) if row.heading or (is_sentence(row.raw) and not edge_reason(row.text))
    ]
    return found[-1] if found else len(rows) - 1


def _repeats(rows: list[_Row], title: str, title_row: _Row) -> Iterator[tuple[int, str]]:
    """Captions: lines that say the title again, or that come again and again without punctuation."""
    title_key = exact_key(title)
    keys = Counter(exact_key(row.text) for row in rows if not is_sentence(row.raw))
    for row in rows:
        key = exact_key(row.text)
        if title_key and key == title_key and row is not title_row:
            yield row.number, "与标题重复"
        elif keys[key] >= _ECHO and len(key) >= 8 and not row.heading and re.search(r"\w\Z", row.text):
            yield row.number, "反复出现的短行"


def _head(rows: list[_Row], title_row: _Row) -> Iterator[tuple[int, str]]:
    """Navigation, bylines and dates before the first sentence."""
    for row in rows[: _first_sentence(rows)]:
        if row.heading:
            continue
        if reason := edge_reason(row.text):
            yield row.number, reason
        elif row.number < title_row.number and len(row.text) <= 8 and re.search(r"\w\Z", row.text):
            yield row.number, "导航"


def _contents(rows: list[_Row]) -> Iterator[tuple[int, str]]:
    """Find a table of contents: a line that says so and, behind it, lines that come again as headings."""
    headings = {exact_key(row.text) for row in rows if row.heading}
    inside = False
    for row in rows:
        opens = row.text.replace(" ", "") in cues().contents
        inside = opens or (inside and not row.heading and exact_key(row.text) in headings)
        if inside:
            yield row.number, "目录"


def _tail(rows: list[_Row], sure: bool) -> Iterator[tuple[int, str]]:
    """Go through what follows the last sentence: once one line there is furniture, so are the short lines behind it."""
    behind = rows[_last_sentence(rows) + 1 :]
    own_reasons = ["推荐阅读" if lead_reason(row.text) else edge_reason(row.text) for row in behind]
    if not sure and not set(own_reasons) - {"", "日期或作者"}:  # a date may be the article's own last line
        return
    reason = ""
    for row, own in zip(behind, own_reasons, strict=True):
        reason = own or (reason and "页尾的短行")
        if reason:
            yield row.number, reason


def _link_blocks(rows: list[_Row]) -> Iterator[tuple[int, str]]:
    """Blocks of links behind a lead such as 延展阅读, anywhere; behind the last such lead, the rest of the page."""
    end = _terminal(rows)
    inside = False
    for index, row in enumerate(rows):
        lead = lead_reason(row.text)
        inside = bool(lead) or (inside and not row.heading and not is_prose(row.text))
        if index >= end or inside or (edge_reason(row.text) == "上一篇/下一篇" and not row.heading):
            yield row.number, "上一篇/下一篇" if edge_reason(row.text) == "上一篇/下一篇" else "推荐阅读"


def _is_body(row: _Row) -> bool:
    return is_sentence(row.raw) and not is_link_only(row.raw)


def _terminal(rows: list[_Row]) -> int:
    """Index of a lead behind which no part of the article follows: no heading, and less than a third of its text."""
    total = sum(len(row.text) for row in rows if _is_body(row))
    for index, row in enumerate(rows):
        behind = rows[index + 1 :]
        if lead_reason(row.text) != "terminal" or any(later.heading for later in behind):
            continue
        if 3 * sum(len(later.text) for later in behind if _is_body(later)) <= total:
            return index
    return len(rows)
