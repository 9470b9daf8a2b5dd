"""What crosses the borders of editing: drafts, what an editor has open, proof, versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from kb.exchange.exporting import mapping_of
from kb.faq import entry_from
from kb.records import FaqEntry
from kb.text import exact_keys


@dataclass(frozen=True)
class Draft:
    """An entry or an article as it shall be once it is published; without slots, because what is looked up is cached.

    Attributes:
        target: ``entry:<id>`` or ``article:<file name>``.
        entry: None for an article; of a deletion, the entry as it was.
        text: whole text of the article's file, "" for an entry; of a deletion, as it was.
        base: digest of the published thing that it was made from, "" where there was none.
        author, at: who saved it, and when in seconds since 1970.
        origin: where it came from: "edit", "import", "cluster", "click" …
        number: of the revision; rises with every save of anything.
        gone: whether publishing deletes it.
    """

    target: str
    entry: FaqEntry | None
    text: str
    base: str
    author: str
    at: float
    origin: str
    number: int
    gone: bool = False

    @property
    def becomes(self) -> FaqEntry | None:
        """The entry that publishing makes of it; None for an article and for a deletion."""
        return None if self.gone else self.entry

    @cached_property
    def searchable(self) -> str:
        """Everything that browsing looks through, lower case."""
        return searchable(self.entry) if self.entry is not None else f"{self.name}\n{self.text}".lower()

    @cached_property
    def keys(self) -> frozenset[str]:
        """Exact keys of the forms of what publishing makes of it."""
        return frozenset(exact_keys(self.becomes.forms)) if self.becomes is not None else frozenset()

    @property
    def name(self) -> str:
        """Id of the entry, or file name of the article."""
        return self.target.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry on an editor's screen.

    Attributes:
        entry: the draft where there is one (of a deletion, the entry as it was), else what is published; None where there is neither.
        published: what is published, None for a new entry.
        draft: None where nobody has changed it.
        token: stands for all that was seen; hand it back when saving.
    """

    entry: FaqEntry | None
    published: FaqEntry | None
    draft: Draft | None
    token: str

    @property
    def outdated(self) -> bool:
        """Whether the published entry has changed since the draft was made."""
        return self.draft is not None and self.draft.base != digest_of(self.published)


@dataclass(frozen=True, slots=True)
class OpenedArticle:
    """An article on an editor's screen.

    Attributes:
        name: of its file.
        text: of the draft where there is one, else of the file; "" where there is neither.
        published: text of the file, "" for a new article.
        draft: None where nobody has changed it.
        token: stands for all that was seen; hand it back when saving.
    """

    name: str
    text: str
    published: str
    draft: Draft | None
    token: str

    @property
    def outdated(self) -> bool:
        """Whether the published article has changed since the draft was made."""
        return self.draft is not None and self.draft.base != digest_of(self.published)


def entry_target(entry_id: str) -> str:
    """Name the draft of an entry."""
    return f"entry:{entry_id}"


def article_target(name: str) -> str:
    """Name the draft of an article by its file name."""
    return f"article:{name}"


def digest_of(thing: FaqEntry | str | None) -> str:
    """Sixteen hex digits that tell two contents apart; "" for nothing."""
    if thing is None or thing == "":
        return ""
    data = thing if isinstance(thing, str) else json.dumps(body_of(thing), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(data.encode("utf-8", "replace")).hexdigest()[:16]


def entries_after(published: Mapping[str, FaqEntry], drafts: Iterable[Draft]) -> dict[str, FaqEntry]:
    """Entries by id as they will be once all drafts are published."""
    after = dict(published)
    for draft in drafts:
        if draft.becomes is not None:
            after[draft.becomes.id] = draft.becomes
        elif draft.entry is not None:
            after.pop(draft.entry.id, None)
    return after


def searchable(entry: FaqEntry) -> str:
    """Everything of an entry that browsing looks through, lower case."""
    return "\n".join((entry.id, *entry.forms, *entry.negatives, entry.answer.text(), entry.category)).lower()


def body_of(entry: FaqEntry) -> Mapping[str, object]:
    """Write an entry as plain JSON data."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in mapping_of(entry).items()}


def entry_of(body: object) -> FaqEntry:
    """Read what :func:`body_of` gave."""
    return entry_from(body, "草稿")
