"""Question forms that a person has confirmed: a clarify button pressed, or staff saying "this is the right one"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.history import Turn
from kb.records import FaqEntry
from kb.text import exact_key

_ASKED_BACK = frozenset({"clarify", "suggest"})
# A button is pressed soon; what is asked later is another matter.
_SOON_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A question that was said to mean an entry, and is no form of it yet."""

    question: str
    entry: str
    times: int

    @property
    def key(self) -> str:
        """Name it, so that it can be dismissed."""
        return f"{self.entry} {exact_key(self.question)}"


def confirmed(
    turns: Sequence[Turn],
    marks: Iterable[tuple[str, str]],
    entries: Mapping[str, FaqEntry],
    dismissed: Iterable[str] = (),
) -> tuple[Confirmed, ...]:
    """List suggested alternates, the most confirmed first.

    Args:
        turns: of the period, in any order.
        marks: (question, entry) that staff marked as right.
        entries: by id, as they will be once all drafts are published.
        dismissed: keys of those that nobody wants to see.
    """
    hidden = frozenset(dismissed)
    by_question = {exact_key(entry.question): entry.id for entry in entries.values()}
    counts: Counter[tuple[str, str]] = Counter()
    words: dict[tuple[str, str], str] = {}
    for question, entry_id in (*_pressed(turns, by_question), *marks):
        entry, key = entries.get(entry_id), exact_key(question)
        if entry is not None and key and key not in {exact_key(form) for form in entry.forms}:
            counts[key, entry_id] += 1
            words.setdefault((key, entry_id), question)
    found = [Confirmed(words[pair], pair[1], times) for pair, times in counts.most_common()]
    return tuple(item for item in found if item.key not in hidden)


def _pressed(turns: Iterable[Turn], by_question: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Find a clarifying reply followed at once by the exact standard question of an entry: that is its button."""
    talks: dict[str, list[Turn]] = {}
    for turn in sorted(turns, key=lambda turn: (turn.at, turn.id)):
        talks.setdefault(turn.conversation, []).append(turn)
    for talk in talks.values():
        for before, after in pairwise(talk):
            entry = by_question.get(exact_key(after.question), "")
            soon = after.at - before.at <= _SOON_SECONDS
            if before.decision in _ASKED_BACK and soon and entry and after.entries[:1] == (entry,):
                yield before.question, entry
