"""Narrowing what a search found: category, kind, product, freshness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kb.lexicon import Lexicon
from kb.records import FaqEntry, Hit
from kb.snapshot import Knowledge
from kb.text import normalise

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


def narrowed(hits: Sequence[Hit], wanted: Wanted, knowledge: Knowledge, today: date) -> tuple[Hit, ...]:
    """Keep the hits that pass every filter, in their order."""
    return tuple(hit for hit in hits if _fits(hit.entry, wanted, knowledge, today))


def categories(knowledge: Knowledge) -> tuple[str, ...]:
    """Categories that entries and articles have, in order of name."""
    every = {entry.category for entry in knowledge.entries} | {item.category for item in knowledge.documents}
    return tuple(sorted(every - {""}))


def products(lexicon: Lexicon) -> tuple[str, ...]:
    """Products that the lexicon knows."""
    return tuple(lexicon.slots.get("product", {}))


def products_of(entry: FaqEntry, lexicon: Lexicon) -> frozenset[str]:
    """Products that an entry's question names; the longest name at a place counts, as 抖音月付 is not 抖音."""
    text = normalise(entry.question)
    found: set[str] = set()
    cues = [
        (normalise(cue), name) for name, words in lexicon.slots.get("product", {}).items() for cue in (*words, name)
    ]
    for cue, name in sorted(cues, key=lambda pair: -len(pair[0])):
        if cue and cue in text:
            found.add(name)
            text = text.replace(cue, " ")
    return frozenset(found)


def _fits(name: str, wanted: Wanted, knowledge: Knowledge, today: date) -> bool:
    entry = knowledge.entry_by_id.get(name)
    if entry is None:
        return _article_fits(name, wanted, knowledge, today)
    return (
        wanted.category in ("", entry.category)
        and wanted.kind in ("", entry.kind)
        and (not wanted.product or wanted.product in products_of(entry, knowledge.lexicon))
        and _is_fresh(entry.checked_on, entry.valid_until, wanted.freshness, today)
    )


def _article_fits(name: str, wanted: Wanted, knowledge: Knowledge, today: date) -> bool:
    document = knowledge.document_by_id.get(name.partition("#")[0])
    return (
        document is not None
        and wanted.category in ("", document.category)
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
