"""Clarifying questions made of what really differs between the likeliest entries."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.records import Option
from kb.records import FaqEntry, Hit
from kb.search import Searcher
from kb.snapshot import Knowledge

MOST_OPTIONS = 4
_LONGEST_LABEL = 18


def options_from(knowledge: Knowledge, hits: Sequence[Hit], searcher: Searcher) -> tuple[Option, ...]:
    """Readings to choose from: the likeliest entries that answer different things, each by a short label.

    The label is the action that only this entry names (开通, 关闭 …), or its standard question.
    """
    entries = _different([knowledge.entry_by_id[hit.entry] for hit in hits if hit.entry in knowledge.entry_by_id])
    labels = [_action(entry, searcher) for entry in entries]
    return tuple(
        Option(label if label and labels.count(label) == 1 else _short(entry.question), entry.question)
        for label, entry in zip(labels, entries, strict=True)
    )


def _short(question: str) -> str:
    return question if len(question) <= _LONGEST_LABEL else f"{question[: _LONGEST_LABEL - 1]}…"


def _different(entries: Sequence[FaqEntry]) -> list[FaqEntry]:
    """Keep entries that share no fact with a likelier one."""
    kept: list[FaqEntry] = []
    for entry in entries:
        if not any(set(entry.facts) & set(other.facts) for other in kept):
            kept.append(entry)
    return kept[:MOST_OPTIONS]


def _action(entry: FaqEntry, searcher: Searcher) -> str:
    actions = searcher.analyzer.mentions(entry.question).slots.get("action", frozenset())
    return next(iter(actions)) if len(actions) == 1 else ""
