"""Rules on single records: ids, steps, dates, number of question forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kb.lint.findings import Finding, Place, finding
from kb.lint.source import Source

FEWEST_ALTERNATES = 6


def reused_ids(source: Source) -> Iterator[Finding]:
    """Entries, articles and boundaries share one space of ids, facts have their own."""
    seen: dict[str, Place] = {}
    for name, place in _ids(source):
        if name in seen:
            yield finding("reused-id", place, f"编号「{name}」已在 {seen[name]} 用过，请换一个")
        seen.setdefault(name, place)


def _ids(source: Source) -> Iterator[tuple[str, Place]]:
    for entry in source.entries:
        yield entry.record.id, entry.row.at("id")
    for article in source.articles:
        yield article.document.id, Place(article.file, 1)
    for boundary in source.boundaries:
        yield boundary.record.id, boundary.row.at("id")
    for fact, place in source.facts:
        yield f"事实 {fact.id}", place


def missing_steps(source: Source) -> Iterator[Finding]:
    """An entry of kind ``steps`` is laid out as a numbered list, so it must have one."""
    for lined in source.active:
        if lined.record.kind == "steps" and not lined.record.answer.steps:
            yield finding("no-steps", lined.row.at("kind"), f"「{lined.record.id}」的类型是 steps，答案里却没有 steps")


def expired(source: Source, today: date) -> Iterator[Finding]:
    """Entries whose validity has run out, the longest expired first."""
    old = [lined for lined in source.active if lined.record.valid_until and lined.record.valid_until < today]
    for lined in sorted(old, key=lambda lined: lined.record.valid_until or today):
        message = f"「{lined.record.id}」的有效期 {lined.record.valid_until} 已过，请核对后改期"
        yield finding("expired", lined.row.at("valid_until"), message)


def never_checked(source: Source) -> Iterator[Finding]:
    """Entries and articles that nobody has signed with a date."""
    for lined in source.active:
        if lined.record.checked_on is None:
            yield finding("never-checked", lined.row.place, f"「{lined.record.id}」没有核对日期（checked_on）")
    for article in source.articles:
        if article.document.checked_on is None:
            message = f"文章「{article.document.id}」没有核对日期（checked_on）"
            yield finding("never-checked", Place(article.file, 1), message)


def few_alternates(source: Source) -> Iterator[Finding]:
    """Entries that users can hardly find, the poorest first."""
    for lined in sorted(source.active, key=lambda lined: len(lined.record.alternates)):
        count = len(lined.record.alternates)
        if count >= FEWEST_ALTERNATES:
            return
        message = f"「{lined.record.id}」只有 {count} 个相似问，建议至少 {FEWEST_ALTERNATES} 个"
        yield finding("few-alternates", lined.row.at("alternates"), message)
