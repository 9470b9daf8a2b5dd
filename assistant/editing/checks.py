"""The lint of one entry or article while it is being edited, against everything else that is published or drafted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from assistant.editing.records import Draft, entries_after
from assistant.editing.shelf import Published
from kb.lint import Finding, lint_article, lint_entry
from kb.records import FaqEntry
from kb.text import exact_keys


def check(entry: FaqEntry, published: Published, drafts: Iterable[Draft], today: date) -> tuple[Finding, ...]:
    """Find what is wrong with an entry as it stands in the editor; errors first."""
    keys = frozenset(exact_keys(entry.forms))
    drafted = {draft.name: draft for draft in drafts if draft.entry is not None}
    rivals = {name for key in keys for name in published.owners.get(key, ())}
    rivals |= {name for name, draft in drafted.items() if not keys.isdisjoint(draft.keys)}
    others = [
        drafted[name].becomes if name in drafted else published.entries[name]
        for name in sorted(rivals)
        if name != entry.id
    ]
    bounds = [bound for bound in published.boundaries if not keys.isdisjoint(exact_keys(bound.exemplars))]
    known = [other for other in others if other is not None]
    return lint_entry(entry, known, bounds, published.facts, today, published.policy)


def check_article(text: str, name: str, published: Published) -> tuple[Finding, ...]:
    """Find what is wrong with an article as it stands in the editor; errors first.

    Raises:
        CorpusError: its front matter does not parse.
    """
    return lint_article(text, name, published.facts, published.policy)


def left_behind(draft: Draft, published: Published, drafts: Iterable[Draft]) -> tuple[str, ...]:
    """Say what a deletion leaves without a home: facts that nothing else states, texts that speak of the entry."""
    return tuple(_left_behind(draft, published, drafts))


def _left_behind(draft: Draft, published: Published, drafts: Iterable[Draft]) -> Iterator[str]:
    drafts = tuple(drafts)
    entries = [entry for entry in entries_after(published.entries, drafts).values() if entry.enabled]
    gone = {other.name for other in drafts if other.gone} | {draft.name}
    texts = {name: text for name, text in published.texts.items() if name not in gone}
    texts |= {other.name: other.text for other in drafts if other.text and not other.gone and other.name != draft.name}
    entry = draft.entry
    if entry is None:
        return
    for fact in entry.facts:
        if not any(fact in other.facts for other in entries) and not any(fact in text for text in texts.values()):
            yield f"删除「{entry.id}」之后，事实 {fact} 没有别的条目或文章说到"
    for other in entries:
        if _speaks_of(other.answer.text(), entry):
            yield f"「{other.id}」的答案还提到要删除的「{entry.question}」"
    for name, text in texts.items():
        if _speaks_of(text, entry):
            yield f"文章「{name}」还提到要删除的「{entry.question}」"


def _speaks_of(text: str, entry: FaqEntry) -> bool:
    """Tell whether a text quotes an entry's question, or its id."""
    return entry.question in text or any(
        f"{left}{entry.id}{right}" in text for left, right in ("「」", "[]", "（）", "``")
    )
