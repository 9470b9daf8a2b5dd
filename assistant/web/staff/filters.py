"""Which of the knowledge a search is to look at: category, kind, product, freshness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kb.lexicon import Lexicon
from kb.records import Document, FaqEntry
from kb.snapshot import Knowledge
from kb.text import normalise, normalise_all

# Words of the filter → days since the last check that are still fresh; None asks for entries that are overdue.
FRESH: Mapping[str, int | None] = {"30 天内核对过": 30, "90 天内核对过": 90, "已过有效期": None}
ARTICLES = "文章"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show; "" of a filter takes all. ``kind`` is a kind of entry or :data:`ARTICLES`."""

    category: str = ""
    kind: str = ""
    product: str = ""
    freshness: str = ""


class Sieve:
    """Tells what passes the filters; what passed last is kept, for one searches again at every letter typed."""

    def __init__(self) -> None:
        self._last: tuple[Knowledge, Wanted, date, frozenset[str]] | None = None

    def passing(self, wanted: Wanted, knowledge: Knowledge, today: date) -> frozenset[str]:
        """Give the ids of the entries and sections that pass every filter."""
        last = self._last
        if last is None or last[0] is not knowledge or last[1:3] != (wanted, today):
            last = (knowledge, wanted, today, frozenset(_passing(wanted, knowledge, today)))
            self._last = last
        return last[3]


def categories(knowledge: Knowledge) -> tuple[str, ...]:
    """Categories that entries and articles have, in order of name."""
    every = {entry.category for entry in knowledge.entries} | {item.category for item in knowledge.documents}
    return tuple(sorted(every - {""}))


def products(lexicon: Lexicon) -> tuple[str, ...]:
    """Products that the lexicon knows."""
    return tuple(lexicon.slots.get("product", {}))


def products_in(questions: Sequence[str], lexicon: Lexicon) -> list[frozenset[str]]:
    """Products that each question names; the longest name at a place counts, as 抖音月付 is not 抖音."""
    named = lexicon.slots.get("product", {})
    cues = [(normalise(cue), name) for name, words in named.items() for cue in (*words, name)]
    cues = sorted(((cue, name) for cue, name in cues if cue), key=lambda pair: -len(pair[0]))
    return [_named(text, cues) for text in normalise_all(questions)]


def _named(text: str, cues: Sequence[tuple[str, str]]) -> frozenset[str]:
    found: set[str] = set()
    for cue, name in cues:
        if cue in text:
            found.add(name)
            text = text.replace(cue, " ")
    return frozenset(found)


def _passing(wanted: Wanted, knowledge: Knowledge, today: date) -> Iterator[str]:
    entries = [entry for entry in knowledge.entries if _fits(entry, wanted, today)]
    if wanted.product:
        products = products_in([entry.question for entry in entries], knowledge.lexicon)
        entries = [entry for entry, named in zip(entries, products, strict=True) if wanted.product in named]
    yield from (entry.id for entry in entries)
    articles = {document.id for document in knowledge.documents if _article_fits(document, wanted, today)}
    yield from (section.id for section in knowledge.sections if section.document_id in articles)


def _fits(entry: FaqEntry, wanted: Wanted, today: date) -> bool:
    return (
        wanted.category in ("", entry.category)
        and wanted.kind in ("", entry.kind)
        and _is_fresh(entry.checked_on, entry.valid_until, wanted.freshness, today)
    )


def _article_fits(document: Document, wanted: Wanted, today: date) -> bool:
    return (
        wanted.category in ("", document.category)
        and wanted.kind in ("", ARTICLES)
        and (not wanted.product or wanted.product in document.title)
        and _is_fresh(document.checked_on, None, wanted.freshness, today)
    )


def _is_fresh(checked: date | None, until: date | None, freshness: str, today: date) -> bool:
    if not freshness:
        return True
    most = FRESH.get(freshness)
    if most is None:
        return until is not None and until < today
    return checked is not None and today - checked <= timedelta(days=most) and (until is None or until >= today)
