"""Moving what serves and what lies in the corpus folder together, under a journal, one process at a time.

A crash at any moment leaves either the old version with the old files, or the new one with the new files, once
:meth:`Switch.alone` was entered again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.editing.errors import EditError
from assistant.editing.ledger import Ledger, note
from assistant.editing.revisions import settle
from assistant.editing.shelf import Shelf
from assistant.editing.staging import published_digests
from kb.atomic import locked
from kb.corpus import corpus_digest
from kb.originals import read_originals, restore_originals, save_originals
from kb.store import Store

_REPLACED = "replaced"


class Switch:
    """Lets a version serve, with its files.

    Args:
        store, corpus: whose version and whose files.
        ledger, shelf: of the same store and corpus.
        clock: seconds since 1970.
    """

    def __init__(self, store: Store, corpus: Path, ledger: Ledger, shelf: Shelf, clock: Callable[[], float]) -> None:
        self._store = store
        self._corpus = corpus
        self._ledger = ledger
        self._shelf = shelf
        self._clock = clock

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other process from publishing; a switch that a crash interrupted is finished first, or dropped.

        Raises:
            EditError: somebody else is publishing, or the store cannot be written.
        """
        lock = FileLock(self._store.folder / ".publish.lock", timeout=0)
        try:
            self._store.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise EditError(
                "somebody is publishing", user_message="有人正在核对、发布或回退，请等它结束后再试。"
            ) from error
        except OSError as error:
            raise EditError(
                f"cannot lock {self._store.folder}: {error}",
                user_message=f"写不了索引文件夹 {self._store.folder}：{error.strerror}。什么都没有变，请检查磁盘和权限后重试。",
            ) from error
        try:
            self._finish()
            yield
        finally:
            lock.release()

    def to(self, version: str, action: str, author: str, upto: int) -> None:
        """Make the switch; the caller is :meth:`alone` and holds the corpus' lock, see :func:`kb.atomic.locked`.

        Args:
            version: to serve.
            action: "publish", which ends drafts and candidate, or "rollback".
            author: for the audit log.
            upto: number of the last revision that the version holds.
        """
        originals = read_originals(self._store.open(version).folder)
        with self._ledger.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO switching VALUES (?, ?, ?, ?)", (version, action, author, upto))
        restore_originals(self._corpus, originals)
        self._settle(version, action, author, upto)

    def _settle(self, version: str, action: str, author: str, upto: int) -> None:
        before = self._store.serving()
        self._store.switch(version)
        digests = published_digests(self._shelf.now())
        with self._ledger.writing() as connection:
            targets = connection.execute("SELECT DISTINCT target FROM revisions WHERE number <= ?", (upto,)).fetchall()
            names = [target for (target,) in targets]
            if action == "publish":
                settle(connection, upto, digests)
                connection.execute("DELETE FROM candidate")
            connection.execute("DELETE FROM switching")
            note(
                connection,
                self._clock(),
                author,
                action,
                version,
                before=before,
                targets=names[:200],
                count=len(names),
            )

    def set_aside(self) -> Path | None:
        """Keep corpus files that were changed since the serving version was built: going back must not cost them.

        The caller holds the corpus' lock until the switch is made: what is written in between would be lost.

        Returns:
            The folder they lie in, None where that version holds them all.

        Raises:
            EditError: the disk refuses.
        """
        digest = corpus_digest(self._corpus)
        if digest == digest_in(self._store.peek(self._store.current_id())[1]):
            return None
        folder = self._store.folder / _REPLACED / digest[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            save_originals(self._corpus, folder)
        except OSError as error:
            raise EditError(
                f"cannot keep {self._corpus}: {error}",
                user_message=f"知识库文件有改动，没有空间或权限先留一份（{error.strerror}），没有回退。",
            ) from error
        return folder

    def _finish(self) -> None:
        with self._ledger.reading() as connection:
            row = connection.execute("SELECT version, action, author, upto FROM switching").fetchone()
        if row is None:
            return
        with locked(self._corpus):
            pass  # finishes the moving of files
        whole = row[0] in self._store.versions()
        if whole and corpus_digest(self._corpus) == digest_in(self._store.open(row[0]).manifest):
            self._settle(*row)
        else:
            with self._ledger.writing() as connection:
                connection.execute("DELETE FROM switching")


def digest_in(manifest: Mapping[str, object]) -> str:
    """Digest of the corpus that a version was built from, "" where its manifest does not say."""
    part = manifest.get("corpus")
    return str(part.get("digest", "")) if isinstance(part, dict) else ""
