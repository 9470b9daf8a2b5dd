"""Rules on question forms that are the same after normalisation: an exact match must have one meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb.lint.findings import Finding, Place, finding
from kb.lint.source import Source
from kb.text import exact_key


@dataclass(frozen=True, slots=True)
class Form:
    """A question form of an entry, or an exemplar of a boundary."""

    text: str
    key: str
    owner: str
    place: Place
    is_boundary: bool = False


def forms_of(source: Source) -> tuple[Form, ...]:
    """Every form of the active entries and every exemplar, each text of an owner once; forms without a word are left out."""
    every = [*_entry_forms(source), *_exemplars(source)]
    return tuple({(form.owner, form.key): form for form in reversed(every) if form.key}.values())[::-1]


def _entry_forms(source: Source) -> Iterator[Form]:
    for lined in source.active:
        entry = lined.record
        yield Form(entry.question, exact_key(entry.question), entry.id, lined.row.at("question"))
        for text in entry.alternates:
            yield Form(text, exact_key(text), entry.id, lined.row.at("alternates", text))


def _exemplars(source: Source) -> Iterator[Form]:
    for lined in source.boundaries:
        for text in lined.record.exemplars:
            yield Form(text, exact_key(text), lined.record.id, lined.row.at("exemplars", text), is_boundary=True)


def same_forms(forms: tuple[Form, ...]) -> Iterator[Finding]:
    """Forms that stand in two entries, or in an entry and a boundary."""
    first: dict[str, Form] = {}
    for form in forms:
        other = first.setdefault(form.key, form)
        if other is form or other.is_boundary:
            continue
        if form.is_boundary:
            message = (
                f"问法「{other.text}」（{other.owner}）又是边界「{form.owner}」的例句（{form.place}），二者只能留一"
            )
            yield finding("form-is-boundary", other.place, message)
        else:
            message = f"问法「{form.text}」与「{other.owner}」的问法（{other.place}）相同，只能留在一条里"
            yield finding("same-form", form.place, message)


def vetoed_forms(source: Source) -> Iterator[Finding]:
    """Negatives that are also a form of their own entry."""
    for lined in source.active:
        own = {exact_key(form) for form in lined.record.forms}
        for text in lined.record.negatives:
            if exact_key(text) in own:
                message = f"反例问「{text}」又是「{lined.record.id}」自己的问法"
                yield finding("form-is-negative", lined.row.at("negatives", text), message)
