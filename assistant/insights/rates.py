"""How the assistant did over time: decisions a day, ratings, slow replies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

import numpy as np

from assistant.history import Turn


@dataclass(frozen=True, slots=True)
class Day:
    """One day: number of replies by decision, and of ratings."""

    day: date
    decisions: Mapping[str, int] = field(default_factory=dict)
    liked: int = 0
    disliked: int = 0

    @property
    def asked(self) -> int:
        """How many questions."""
        return sum(self.decisions.values())


@dataclass(frozen=True, slots=True)
class Totals:
    """A whole period: counts by decision and of ratings; milliseconds to a reply, 0 where there was none."""

    asked: int
    decisions: Mapping[str, int]
    liked: int
    disliked: int
    p50: float
    p95: float


def days(turns: Iterable[Turn], first: date, last: date, zone: tzinfo | None = None) -> tuple[Day, ...]:
    """Count by day, with every day from ``first`` to ``last``, also those on which nobody asked."""
    by_day: dict[date, list[Turn]] = {}
    for turn in turns:
        by_day.setdefault(datetime.fromtimestamp(turn.at, zone).date(), []).append(turn)
    wanted = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(_day(day, by_day.get(day, ())) for day in wanted)


@dataclass(frozen=True, slots=True)
class Topic:
    """What people asked about: a category, and the number of questions on each day of a period."""

    category: str
    counts: tuple[int, ...]


def topics(
    turns: Iterable[Turn],
    category_of: Mapping[str, str],
    first: date,
    last: date,
    *,
    most: int = 7,
    zone: tzinfo | None = None,
) -> tuple[Topic, ...]:
    """Count answered questions by category and day, the most asked categories first.

    Args:
        turns: of the period, in any order; those that no entry was given for are left out.
        category_of: entry id → category.
        first: day of the first count.
        last: day of the last one.
        most: categories beyond so many stand together, last, under "".
        zone: in which a day begins.
    """
    counts: dict[str, Counter[date]] = {}
    for turn in turns:
        if turn.entries:
            name = category_of.get(turn.entries[0].partition("#")[0], "")
            counts.setdefault(name, Counter())[datetime.fromtimestamp(turn.at, zone).date()] += 1
    named = sorted((name for name in counts if name), key=lambda name: (-counts[name].total(), name))
    rest = sum((counts[name] for name in (*named[most:], "") if name in counts), Counter[date]())
    wanted = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    shown = [(name, counts[name]) for name in named[:most]] + ([("", rest)] if rest else [])
    return tuple(Topic(name, tuple(days[day] for day in wanted)) for name, days in shown)


def totals(turns: Sequence[Turn]) -> Totals:
    """Count a whole period."""
    times = [turn.latency_ms for turn in turns]
    p50, p95 = np.percentile(times, [50, 95]).tolist() if times else (0.0, 0.0)
    whole = _day(date.min, turns)
    return Totals(len(turns), whole.decisions, whole.liked, whole.disliked, p50, p95)


def slowest(turns: Iterable[Turn], most: int = 20) -> tuple[Turn, ...]:
    """List the slowest replies, the slowest first."""
    return tuple(sorted(turns, key=lambda turn: -turn.latency_ms)[:most])


def asked_most(turns: Iterable[Turn], most: int = 20) -> tuple[tuple[str, int], ...]:
    """List the entries answered from most often, with how often."""
    return tuple(Counter(turn.entries[0] for turn in turns if turn.entries).most_common(most))


def _day(day: date, turns: Iterable[Turn]) -> Day:
    listed = list(turns)
    return Day(
        day,
        dict(Counter(turn.decision for turn in listed)),
        sum(turn.rating == 1 for turn in listed),
        sum(turn.rating == -1 for turn in listed),
    )
