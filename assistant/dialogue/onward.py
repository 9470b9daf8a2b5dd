"""Questions worth asking after an answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kb.records import FaqEntry, Hit
from kb.snapshot import Knowledge

_MOST = 3


def onward(knowledge: Knowledge, answered: str, hits: Sequence[Hit], seen: Collection[str] = ()) -> tuple[str, ...]:
    """Give the standard questions nearest to the one just asked that tell something new.

    Only those of the answered entry's own category: what is alike in words alone is seldom wanted next.

    Args:
        knowledge: where the entries are.
        answered: id of the entry or section answered from.
        hits: what the search found, best first.
        seen: ids answered from earlier in the conversation.

    """
    entries = knowledge.entry_by_id
    told = set(facts_of(knowledge, answered))
    own = entries[answered].category if answered in entries else None
    near = [entries[hit.entry] for hit in hits if hit.entry in entries and hit.entry not in {answered, *seen}]
    fresh: list[FaqEntry] = []
    for entry in near:
        if own in (None, entry.category) and not set(entry.facts) & told:
            fresh.append(entry)
            told |= set(entry.facts)
    return tuple(entry.question for entry in fresh[:_MOST])


def facts_of(knowledge: Knowledge, name: str) -> tuple[str, ...]:
    """Give the facts that an entry or a section states; none for a name that is neither."""
    part = knowledge.entry_by_id.get(name) or knowledge.section_by_id.get(name)
    return part.facts if part is not None else ()
