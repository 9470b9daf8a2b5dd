"""The lint of one entry while it is being edited, against everything else that is published or drafted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from assistant.editing.records import Draft
from assistant.editing.shelf import Published
from kb.lint import Finding, lint_entry
from kb.records import FaqEntry
from kb.text import exact_key


def check(entry: FaqEntry, published: Published, drafts: Iterable[Draft], today: date) -> tuple[Finding, ...]:
    """Find what is wrong with an entry as it stands in the editor; errors first."""
    keys = {exact_key(form) for form in entry.forms}
    drafted = {draft.entry.id: draft.entry for draft in drafts if draft.entry is not None}
    rivals = {name: published.entries[name] for key in keys for name in published.owners.get(key, ())}
    rivals |= {name: other for name, other in drafted.items() if keys & {exact_key(form) for form in other.forms}}
    others = [drafted.get(name, other) for name, other in rivals.items() if name != entry.id]
    bounds = [bound for bound in published.boundaries if keys & {exact_key(text) for text in bound.exemplars}]
    return lint_entry(entry, others, bounds, published.facts, today)
