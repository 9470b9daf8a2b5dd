"""Paging through ten thousand entries: drafts over what is published, filtered by words, category and state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from assistant.editing.records import Draft, digest_of
from assistant.editing.shelf import Published
from kb.corpus import article_from
from kb.records import FaqEntry

T = TypeVar("T")
U = TypeVar("U")

PAGE = 20
# What an entry can be in, in the words of the page's filter.
STATES: Mapping[str, str] = {
    "draft": "有草稿",
    "new": "新建未发布",
    "gone": "将删除",
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
class ArticleRow:
    """An article in the list, as it will be once its draft is published; ``name`` is that of its file."""

    name: str
    title: str
    category: str
    characters: int
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; ``number`` counts from 1."""

    rows: tuple[T, ...]
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


def browse(published: Published, drafts: Iterable[Draft], wanted: Wanted, number: int, today: date) -> Page[Row]:
    """List entries: those with drafts first, then in order of the files; a page that is not there becomes the nearest."""
    own = {draft.entry.id: draft for draft in drafts if draft.entry is not None}
    words = wanted.words.lower().split()
    names = [*own, *(name for name in published.entries if name not in own)]
    found: list[tuple[FaqEntry, Draft | None]] = []
    for name in names:
        draft = own.get(name)
        entry = draft.entry if draft and draft.entry else published.entries[name]
        if _fits(entry, wanted) and (not words or _says(words, draft, published, name)):
            found.append((entry, draft))
    if wanted.state:
        found = [pair for pair in found if wanted.state in states(*pair, published, today)]
    shown, number, pages = _paged(found, number)
    rows = tuple(Row(entry, states(entry, draft, published, today)) for entry, draft in shown)
    return Page(rows, number, pages, len(found))


def browse_articles(published: Published, drafts: Iterable[Draft], words: str, number: int) -> Page[ArticleRow]:
    """List articles in which all words stand: those with drafts first, then in order of their names."""
    own = {draft.name: draft for draft in drafts if draft.entry is None}
    names = [*own, *(name for name in published.texts if name not in own)]
    wanted = words.lower().split()
    found = [name for name in names if not wanted or _holds(wanted, own.get(name), name, published)]
    shown, number, pages = _paged(found, number)
    return Page(tuple(_article_row(name, own.get(name), published) for name in shown), number, pages, len(found))


def _paged(found: Sequence[U], number: int) -> tuple[Sequence[U], int, int]:
    """Cut a page out; gives its rows, its number, and how many there are."""
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(1, number), pages)
    return found[(number - 1) * PAGE : number * PAGE], number, pages


def _holds(words: Sequence[str], draft: Draft | None, name: str, published: Published) -> bool:
    text = draft.searchable if draft else f"{name}\n{published.texts[name]}".lower()
    return all(word in text for word in words)


def _article_row(name: str, draft: Draft | None, published: Published) -> ArticleRow:
    old = published.texts.get(name, "")
    document = article_from(draft.text, Path(name)) if draft else published.articles[name]
    found = {
        "draft": draft is not None,
        "new": not old,
        "gone": draft is not None and draft.gone,
        "outdated": draft is not None and draft.base != digest_of(old),
    }
    named = tuple(state for state, holds in found.items() if holds)
    return ArticleRow(name, document.title, document.category, len(document.text), named)


def states(entry: FaqEntry, draft: Draft | None, published: Published, today: date) -> tuple[str, ...]:
    """Name what an entry is in."""
    old = published.entries.get(entry.id)
    found = {
        "draft": draft is not None,
        "new": old is None,
        "gone": draft is not None and draft.gone,
        "outdated": draft is not None and draft.base != digest_of(old),
        "disabled": not entry.enabled,
        "expired": entry.valid_until is not None and entry.valid_until < today,
    }
    return tuple(name for name, holds in found.items() if holds)


def categories(published: Published) -> tuple[str, ...]:
    """Categories in order of name."""
    return tuple(sorted({entry.category for entry in published.entries.values() if entry.category}))


def _says(words: Sequence[str], draft: Draft | None, published: Published, name: str) -> bool:
    text = published.searchable[name] if draft is None else draft.searchable
    return all(word in text for word in words)


def _fits(entry: FaqEntry, wanted: Wanted) -> bool:
    return wanted.category in ("", entry.category) and wanted.kind in ("", entry.kind)
