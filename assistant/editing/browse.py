"""Paging through ten thousand entries: drafts over what is published, filtered by words, category and state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from assistant.editing.records import Draft, digest_of
from assistant.editing.shelf import Published, searchable
from kb.records import FaqEntry

PAGE = 20
# What an entry can be in, in the words of the page's filter.
STATES: Mapping[str, str] = {
    "draft": "有草稿",
    "new": "新建未发布",
    "outdated": "草稿与原文冲突",
    "disabled": "已停用",
    "expired": "已过期",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in the list, as it will be once its draft is published; ``states`` are keys of :data:`STATES`."""

    entry: FaqEntry
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; ``number`` counts from 1."""

    rows: tuple[Row, ...]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list: all ``words`` stand in the entry; "" of a filter takes all."""

    words: str = ""
    category: str = ""
    kind: str = ""
    state: str = ""


def browse(published: Published, drafts: Iterable[Draft], wanted: Wanted, number: int, today: date) -> Page:
    """List entries: those with drafts first, then in order of the files; a page that is not there becomes the nearest."""
    own = {draft.entry.id: draft for draft in drafts if draft.entry is not None}
    words = wanted.words.lower().split()
    names = [*own, *(name for name in published.entries if name not in own)]
    found: list[tuple[FaqEntry, Draft | None]] = []
    for name in names:
        draft = own.get(name)
        entry = draft.entry if draft and draft.entry else published.entries[name]
        text = published.searchable[name] if draft is None else searchable(entry)
        if all(word in text for word in words) and _fits(entry, wanted):
            found.append((entry, draft))
    if wanted.state:
        found = [pair for pair in found if wanted.state in states(*pair, published, today)]
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(1, number), pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    rows = tuple(Row(entry, states(entry, draft, published, today)) for entry, draft in shown)
    return Page(rows, number, pages, len(found))


def states(entry: FaqEntry, draft: Draft | None, published: Published, today: date) -> tuple[str, ...]:
    """Name what an entry is in."""
    old = published.entries.get(entry.id)
    found = {
        "draft": draft is not None,
        "new": old is None,
        "outdated": draft is not None and draft.base != digest_of(old),
        "disabled": not entry.enabled,
        "expired": entry.valid_until is not None and entry.valid_until < today,
    }
    return tuple(name for name, holds in found.items() if holds)


def categories(published: Published) -> tuple[str, ...]:
    """Categories in order of name."""
    return tuple(sorted({entry.category for entry in published.entries.values() if entry.category}))


def _fits(entry: FaqEntry, wanted: Wanted) -> bool:
    return wanted.category in ("", entry.category) and wanted.kind in ("", entry.kind)
