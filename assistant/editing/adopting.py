"""A suggestion of the insights made into a draft with one press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.editing.drafts import Drafts
from assistant.editing.errors import EditError
from assistant.editing.records import Draft
from kb.readers.tables import question_id
from kb.records import FaqEntry, StructuredAnswer
from kb.text import exact_key


def adopt_alternates(
    drafts: Drafts, entry_id: str, questions: Sequence[str], author: str, origin: str = "cluster"
) -> Draft | None:
    """Add questions to an entry as its alternates.

    Returns:
        The entry's draft, also where it had them all; None where nothing differs from what is published.

    Raises:
        EditError: there is no such entry.
        ConflictError: somebody saved the entry at the same moment.
    """
    opened = drafts.open(entry_id)
    if opened.entry is None:
        raise EditError(f"no entry {entry_id}", user_message=f"知识库里已经没有「{entry_id}」，请刷新页面。")
    known = {exact_key(form) for form in opened.entry.forms}
    fresh = tuple(question for question in questions if exact_key(question) not in known)
    if not fresh:
        return opened.draft
    entry = replace(opened.entry, alternates=(*opened.entry.alternates, *fresh))
    return drafts.save(entry, opened.token, author, origin)


def adopt_new(drafts: Drafts, questions: Sequence[str], author: str) -> str:
    """Make a new entry of questions, the first as its standard question; return its id. The answer is still to be written.

    A second press finds the entry that the first one made.
    """
    entry_id = question_id(questions[0])
    opened = drafts.open(entry_id)
    if opened.entry is None:
        entry = FaqEntry(entry_id, questions[0], StructuredAnswer(""), alternates=tuple(questions[1:]))
        drafts.save(entry, opened.token, author, "cluster")
    return entry_id
