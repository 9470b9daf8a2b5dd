"""Rules on texts that are almost the same: forms of two entries, answers of two entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.lint.findings import Finding, finding
from kb.lint.forms import Form
from kb.lint.pairs import near_pairs
from kb.lint.source import Source
from kb.text import exact_key

NEAR_FORM = 0.93
NEAR_ANSWER = 0.9


def near_forms(forms: Sequence[Form]) -> Iterator[Finding]:
    """Forms of two entries, or of an entry and a boundary, that differ in a character or two."""
    pairs = near_pairs([form.key for form in forms], [form.owner for form in forms], NEAR_FORM)
    for pair in pairs:
        one, other = forms[pair.first], forms[pair.second]
        if one.key == other.key or one.is_boundary:
            continue
        whose = f"边界「{other.owner}」" if other.is_boundary else f"「{other.owner}」"
        message = f"「{one.text}」（{one.owner}）与{whose}的「{other.text}」（{other.place}）几乎一样（{pair.similarity:.2f}）"
        yield finding("near-form", one.place, message)


def near_answers(source: Source) -> Iterator[Finding]:
    """Answers of two entries that could be one entry."""
    entries = [lined for lined in source.active if lined.record.answer.text()]
    keys = [exact_key(lined.record.answer.text()) for lined in entries]
    for pair in near_pairs(keys, [lined.record.id for lined in entries], NEAR_ANSWER):
        one, other = entries[pair.first], entries[pair.second]
        place = other.row.at("answer")
        message = (
            f"「{one.record.id}」与「{other.record.id}」（{place}）的答案几乎一样（{pair.similarity:.2f}），可合并"
        )
        yield finding("near-answer", one.row.at("answer"), message)
