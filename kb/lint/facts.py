"""Rules on what entries and sections rest on."""

from __future__ import annotations

from collections.abc import Iterator

from kb.faq import MAX_FACTS
from kb.lint.findings import Finding, Place, finding
from kb.lint.source import Source

PERISHABLE = "⏳"


def unknown_facts(source: Source) -> Iterator[Finding]:
    """Ids that the fact sheet does not have; a corpus without a sheet is not checked."""
    known = source.fact_by_id
    for fact, place in _citations(source) if known else ():
        if fact not in known:
            yield finding("unknown-fact", place, f"依据「{fact}」不在 facts.md 里")


def overloaded_sections(source: Source) -> Iterator[Finding]:
    """Sections that cite more facts than a reply may rest on (entries are counted where they are read)."""
    for article in source.articles:
        for section in article.sections:
            if len(section.facts) > MAX_FACTS:
                message = f"小节「{section.id}」有 {len(section.facts)} 条依据，最多 {MAX_FACTS} 条：拆开，或只留说到的"
                yield finding("too-many-facts", article.at(section.start), message)


def unused_facts(source: Source) -> Iterator[Finding]:
    """Facts that no entry and no section states."""
    cited = {fact for fact, _ in _citations(source)}
    for fact, place in source.facts:
        if fact.id not in cited:
            yield finding("unused-fact", place, f"事实 {fact.id} 没有条目或小节引用：{fact.text[:30]}")


def undated_entries(source: Source) -> Iterator[Finding]:
    """Entries without ``valid_until`` that rest on a fact marked as perishable, the most such facts first."""
    short_lived = {fact.id for fact, _ in source.facts if PERISHABLE in fact.policy}
    found = []
    for lined in source.active:
        facts = [fact for fact in lined.record.facts if fact in short_lived]
        if facts and lined.record.valid_until is None:
            message = f"「{lined.record.id}」引用了会过期的事实 {'、'.join(facts)}，请写有效期（valid_until）"
            found.append((len(facts), finding("no-valid-until", lined.row.at("facts"), message)))
    yield from (item for _, item in sorted(found, key=lambda pair: -pair[0]))


def _citations(source: Source) -> Iterator[tuple[str, Place]]:
    for lined in source.active:
        for fact in lined.record.facts:
            yield fact, lined.row.at("facts", fact)
    for article in source.articles:
        for section in article.sections:
            for fact in section.facts:
                yield fact, article.at(section.start)
