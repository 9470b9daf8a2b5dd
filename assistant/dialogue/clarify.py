"""Clarifying questions made of what really differs between the likeliest entries."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.records import Option
from kb.records import FaqEntry, Hit
from kb.snapshot import Knowledge

MOST_OPTIONS = 4
_LONGEST_LABEL = 18
# Options of less than this part of the likeliest one's probability are noise, except where they are the only ones.
_WEAK = 0.1
_FEWEST = 2


def options_from(knowledge: Knowledge, hits: Sequence[Hit]) -> tuple[Option, ...]:
    """Readings to choose from: the likeliest entries that answer different things, each by its standard question.

    Args:
        knowledge: where the entries are.
        hits: what was found, best first; an entry may come again.
    """
    likely = [hit for hit in hits if hit.entry in knowledge.entry_by_id]
    least = _WEAK * max((hit.probability for hit in likely), default=0.0)
    strong = [knowledge.entry_by_id[hit.entry] for hit in likely if hit.probability >= least]
    weak = [knowledge.entry_by_id[hit.entry] for hit in likely if hit.probability < least]
    entries = _different(strong)
    if len(entries) < _FEWEST:
        entries = _different([*strong, *weak])[:_FEWEST]
    return tuple(Option(_short(entry.question), entry.question) for entry in entries)


def _short(question: str) -> str:
    return question if len(question) <= _LONGEST_LABEL else f"{question[: _LONGEST_LABEL - 1]}…"


def _different(entries: Sequence[FaqEntry]) -> list[FaqEntry]:
    """Keep entries that share no fact with a likelier one."""
    kept: list[FaqEntry] = []
    for entry in entries:
        if not any(entry.id == other.id or set(entry.facts) & set(other.facts) for other in kept):
            kept.append(entry)
    return kept[:MOST_OPTIONS]
