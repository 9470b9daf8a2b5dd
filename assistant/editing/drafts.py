"""Drafts: edits that are kept but not published, each saved against what its editor had seen."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable

from assistant.editing import revisions
from assistant.editing.errors import EditError
from assistant.editing.ledger import Ledger, note
from assistant.editing.opening import opened, opened_article, refuse_name, refuse_newer, refuse_stale, refuse_taken
from assistant.editing.records import (
    Draft,
    Opened,
    OpenedArticle,
    article_target,
    body_of,
    digest_of,
    entry_target,
)
from assistant.editing.revisions import Saved
from assistant.editing.shelf import Shelf
from kb.exchange.article_files import parsed_article
from kb.faq import entry_from
from kb.records import FaqEntry


class Drafts:
    """The shared desk of all editors.

    Args:
        ledger: where drafts are kept.
        shelf: what is published.
        clock: seconds since 1970.
    """

    def __init__(self, ledger: Ledger, shelf: Shelf, clock: Callable[[], float] = time.time) -> None:
        self._ledger = ledger
        self._shelf = shelf
        self._clock = clock
        self._known: tuple[object, tuple[Draft, ...]] = (None, ())

    def all(self) -> tuple[Draft, ...]:
        """Every draft in its newest form, the latest saved first; only what has changed since the last call is read."""
        with self._ledger.reading() as connection:
            seen, known = revisions.state(connection), self._known
            if seen != known[0]:
                known = self._known = (seen, revisions.every(connection, known[1]))
            return known[1]

    def open(self, entry_id: str) -> Opened:
        """Give an entry for editing; an id that nobody has used yet opens an empty sheet."""
        with self._ledger.reading() as connection:
            return opened(connection, self._shelf.now(), entry_id)

    def open_article(self, name: str) -> OpenedArticle:
        """Give an article for editing, by its file name; a name that nobody has used yet opens an empty sheet."""
        with self._ledger.reading() as connection:
            return opened_article(connection, self._shelf.now(), name)

    def save(self, entry: FaqEntry, token: str, author: str, origin: str = "edit") -> Draft | None:
        """Keep an entry as a draft.

        Args:
            entry: as it shall be; equal to what is published, it ends the draft.
            token: of :meth:`open`, for what the editor had seen.
            author: who saves.
            origin: where the draft came from.

        Returns:
            The draft, None where nothing differs from what is published any more.

        Raises:
            ConflictError: the draft or the published entry has changed since; theirs stays as it is.
            EditError: the entry's id is an article's.
            CorpusError: the entry breaks a rule of the corpus.
        """
        published, target = self._shelf.now(), entry_target(entry.id)
        whole = entry_from(body_of(entry), f"「{entry.id}」")
        if entry.id in published.article_ids:
            raise EditError(f"{entry.id} is an article", user_message=f"编号「{entry.id}」是一篇文章的，请换一个。")
        with self._ledger.writing() as connection:
            seen = opened(connection, published, entry.id)
            refuse_stale(seen, token, entry.id)
            if whole == seen.published:
                self._drop(connection, target, author, "draft-same")
                return None
            before, after = body_of(seen.entry) if seen.entry else None, body_of(whole)
            revisions.add(connection, Saved(target, after, digest_of(seen.published), author, self._clock(), origin))
            note(connection, self._clock(), author, "draft", target, before=before, after=after)
            return revisions.latest(connection, target)

    def save_many(self, entries: Iterable[FaqEntry], author: str, origin: str, *, upto: int | None = None) -> int:
        """Keep many entries as drafts in one go, over whatever draft each has; return how many differ from before.

        Undo takes each back by itself.

        Args:
            entries: as they shall be.
            author: who saves.
            origin: where the drafts come from.
            upto: number of the last revision that the caller has seen; None asks for no such check.

        Raises:
            ConflictError: somebody has saved one of them since; nothing is kept.
        """
        published, wanted = self._shelf.now(), list(entries)
        with self._ledger.writing() as connection:
            known = {draft.target: draft for draft in revisions.every(connection, self._known[1])}
            drafts = [(entry, known.get(entry_target(entry.id))) for entry in wanted]
            refuse_newer([draft for _, draft in drafts if draft is not None], upto)
            rows = [
                Saved(
                    entry_target(entry.id),
                    body_of(entry),
                    digest_of(published.entries.get(entry.id)),
                    author,
                    self._clock(),
                    origin,
                )
                for entry, draft in drafts
                if entry != (draft.becomes if draft else published.entries.get(entry.id))
            ]
            revisions.add(connection, *rows)
            note(connection, self._clock(), author, "draft-many", origin, count=len(rows))
        return len(rows)

    def save_article(self, name: str, text: str, token: str, author: str, origin: str = "edit") -> Draft | None:
        """Keep an article's file as a draft.

        Args:
            name: of its file.
            text: the whole file as it shall be, front matter included; equal to what is published, it ends the draft.
            token: of :meth:`open_article`, for what the editor had seen.
            author: who saves.
            origin: where the draft came from.

        Returns:
            The draft, None where nothing differs from what is published any more.

        Raises:
            ConflictError: the draft or the published article has changed since; theirs stays as it is.
            EditError: the name is not that of a file of articles, or the id in it is an entry's or another article's.
            CorpusError: there is no body, its front matter cannot be read, or more than a hundredth of it gets lost.
        """
        published, target = self._shelf.now(), article_target(name)
        refuse_name(name, published)
        refuse_taken(parsed_article(text, name).id, name, published)
        with self._ledger.writing() as connection:
            seen = opened_article(connection, published, name)
            refuse_stale(seen, token, name)
            if text == seen.published:
                self._drop(connection, target, author, "draft-same")
                return None
            base = digest_of(seen.published)
            revisions.add(connection, Saved(target, {"text": text}, base, author, self._clock(), origin))
            note(connection, self._clock(), author, "draft", target, characters=len(text))
            return revisions.latest(connection, target)

    def remove(self, target: str, token: str, author: str) -> Draft | None:
        """Make the deletion of an entry or an article a draft; what was never published loses its draft at once.

        Args:
            target: of the entry or the article.
            token: of :meth:`open` or :meth:`open_article`, for what the editor had seen.
            author: who deletes.

        Returns:
            The draft, None where there was nothing published to delete.

        Raises:
            ConflictError: the draft or what is published has changed since; theirs stays as it is.
        """
        published, name = self._shelf.now(), target.partition(":")[2]
        with self._ledger.writing() as connection:
            look = opened if target == entry_target(name) else opened_article
            seen = look(connection, published, name)
            refuse_stale(seen, token, name)
            old = seen.published
            if not old:
                self._drop(connection, target, author, "draft-discard")
                return None
            body = revisions.deletion_of({"text": old} if isinstance(old, str) else body_of(old))
            revisions.add(connection, Saved(target, body, digest_of(old), author, self._clock(), "edit"))
            note(connection, self._clock(), author, "draft-remove", target)
            return revisions.latest(connection, target)

    def undo(self, target: str, author: str) -> Draft | None:
        """Take the last save of a draft back; return what is left of it.

        Raises:
            EditError: there is no draft.
        """
        with self._ledger.writing() as connection:
            latest = revisions.latest(connection, target)
            if latest is None:
                raise EditError(f"no draft {target}", user_message="这条没有草稿，可能已经发布或被撤销了，请刷新页面。")
            connection.execute("DELETE FROM revisions WHERE number = ?", (latest.number,))
            note(connection, self._clock(), author, "draft-undo", target)
            return revisions.latest(connection, target)

    def discard(self, target: str, author: str) -> None:
        """Throw a draft away with all its saves; what is published stays."""
        with self._ledger.writing() as connection:
            self._drop(connection, target, author, "draft-discard")

    def discard_all(self, author: str) -> int:
        """Throw every draft away; return how many."""
        with self._ledger.writing() as connection:
            count = connection.execute("SELECT count(DISTINCT target) FROM revisions").fetchone()[0]
            connection.execute("DELETE FROM revisions")
            note(connection, self._clock(), author, "draft-discard-all", "", count=count)
            return int(count)

    def _drop(self, connection: sqlite3.Connection, target: str, author: str, action: str) -> None:
        if revisions.drop(connection, target):
            note(connection, self._clock(), author, action, target)
