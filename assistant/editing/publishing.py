"""Publishing with proof: built aside, replayed beside the version that serves, then published or thrown away.

What serves and what lies in the corpus folder change together, last of all, see :mod:`assistant.editing.switching`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from assistant.editing.candidates import Candidate, Kept, decided, gone_on_failure, kept, put, unpublish, waiting
from assistant.editing.checks import left_behind
from assistant.editing.drafts import Drafts
from assistant.editing.errors import EditError
from assistant.editing.ledger import Ledger, note
from assistant.editing.proving import Prover
from assistant.editing.records import Draft
from assistant.editing.shelf import Shelf
from assistant.editing.staging import refuse_outdated, refuse_unfinished, staged
from assistant.editing.switching import Switch, digest_in
from kb.atomic import locked
from kb.corpus import corpus_digest
from kb.errors import KbError, StoreError
from kb.originals import read_originals
from kb.workspace import Opened, Workspace

Progress = Callable[[str, float], None]
_STAGING = "staging"


class Publisher:
    """Builds, proves, publishes and takes back; one at a time for all processes.

    Args:
        workspace: corpus, store and model.
        ledger, drafts, shelf: of the same store and corpus.
        asked: gives the most recent real questions, newest first.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        workspace: Workspace,
        ledger: Ledger,
        drafts: Drafts,
        shelf: Shelf,
        asked: Callable[[], Sequence[str]] = tuple,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._workspace = workspace
        self._store = workspace.store
        self._corpus = workspace.corpus_folder
        self._ledger = ledger
        self._drafts = drafts
        self._shelf = shelf
        self._prover = Prover(self._corpus)
        self._asked = asked
        self._clock = clock
        self._switch = Switch(self._store, self._corpus, ledger, shelf, clock)

    def prepare(self, author: str, progress: Progress) -> Candidate:
        """Build the corpus with all drafts aside and replay the test set and real questions on both versions.

        An earlier candidate that nobody decided on is thrown away. What serves is not touched.

        Raises:
            EditError: there is nothing to publish, or somebody else is publishing.
            ConflictError: a draft was made from something that has changed since.
            CorpusError: the corpus with the drafts in it does not build.
        """
        with self._switch.alone():
            self._forget()
            drafts, digest = self._drafts.all(), corpus_digest(self._corpus)
            before = self._serving()
            if not drafts and digest == digest_in(before.version.manifest):
                raise EditError("nothing to publish", user_message="没有草稿，知识库文件也没有变，不用发布。")
            refuse_unfinished(drafts)
            refuse_outdated(drafts, self._shelf.now())
            with staged(self._corpus, drafts, self._store.folder / _STAGING) as folder:
                progress("检查草稿", 0.0)
                findings = (*self._removals(drafts), *self._prover.new_findings(folder))
                fresh = self._workspace.build(switch=False, folder=folder, progress=progress).id
            with gone_on_failure(self._store, fresh):
                asked = tuple(dict.fromkeys(self._asked()))
                proof = self._prover.prove(before, self._workspace.open(fresh), asked, findings, progress)
                upto = max((draft.number for draft in drafts), default=0)
                candidate = Candidate(fresh, before.version.id, digest, upto, author, self._clock(), proof)
                self._keep(candidate, len(drafts))
            return candidate

    @contextmanager
    def trial(self) -> Iterator[str]:
        """Build the corpus without drafts, for a command that proves it and may :meth:`approve` it in the block.

        Nobody else proves, publishes or goes back meanwhile: that would sweep the version away, as this does with what
        a killed one has left; a candidate stays. An error that leaves the block ends the version.

        Raises:
            EditError: somebody else is publishing.
        """
        with self._switch.alone():
            self._sweep()
            fresh = self._workspace.build(switch=False).id
            with gone_on_failure(self._store, fresh):
                yield fresh

    def approve(self, version: str, author: str, since: str) -> None:
        """Let the version of a :meth:`trial` serve in place of ``since``; corpus and drafts stay as they are.

        Raises:
            StoreError: another version has begun to serve since, or the disk does not take the change.
        """
        # First the note: a kill in between leaves an approved version too many, not one that served to be swept away.
        with self._ledger.writing() as connection:
            note(connection, self._clock(), author, "publish", version, before=since)
        try:
            self._store.switch(version, since=since)
        except BaseException:
            if self._store.serving() != version:
                with suppress(KbError), self._ledger.writing() as connection:
                    unpublish(connection, version)
            raise

    def candidate(self) -> Candidate | None:
        """Give the version that waits for a decision."""
        with self._ledger.reading() as connection:
            return waiting(connection)

    def publish(self, version: str, author: str) -> None:
        """Let the candidate serve, and its files be the corpus.

        Raises:
            EditError: it is not the candidate any more, or what it was proven against has changed.
            UsageError: an import into the corpus does not come to its end.
        """
        with self._switch.alone():
            candidate = self.candidate()
            if candidate is None or candidate.version != version:
                raise EditError(
                    f"no candidate {version}", user_message="这个待发布版本已被别人发布、丢弃或重做，请刷新页面。"
                )
            with locked(self._corpus):  # an import comes to its end before we look, or begins after we moved
                self._refuse_moved(candidate)
                self._switch.to(version, "publish", author, candidate.upto)

    def discard(self, author: str) -> None:
        """Throw the candidate away; the drafts stay."""
        with self._switch.alone():
            candidate = self.candidate()
            self._forget()
            if candidate is not None:
                with self._ledger.writing() as connection:
                    note(connection, self._clock(), author, "proof-discard", candidate.version)

    def roll_back(self, version: str, author: str) -> Path | None:
        """Let any kept version serve again, with the corpus files it was built from. Drafts stay drafts.

        Returns:
            The folder where corpus files lie that no version held, None where the one that served held them all.

        Raises:
            EditError: it serves already, or nobody has decided on it.
            StoreError: the version is damaged, of another model, or its files were not kept.
            UsageError: an import into the corpus does not come to its end.
        """
        with self._switch.alone():
            if version == self._store.current_id():
                raise EditError(f"{version} serves", user_message="这个版本正在服务，不用回退。")
            self._workspace.open(version)  # whole, and of our model: or else nothing changes
            read_originals(self._store.open(version).folder)
            if version not in self._decided():
                raise EditError(
                    f"{version} was never published",
                    user_message="这个版本没有发布过，不能回退到它。请刷新页面，从版本列表里选。",
                )
            with locked(self._corpus):  # what an import in progress writes is set aside too
                aside = self._switch.set_aside()
                self._forget()
                self._switch.to(version, "rollback", author, 0)
            return aside

    def recover(self) -> None:
        """Finish a switch that a crash interrupted, if the files had begun to move; drop it otherwise."""
        with self._switch.alone():
            pass  # everybody who comes alone finishes first

    def versions(self) -> tuple[Kept, ...]:
        """List the versions that are kept, newest first; one that nobody has decided on is none of them."""
        current = self._store.serving()
        return tuple(
            kept(self._store, version, current, author) for version, author in reversed(self._decided().items())
        )

    def _decided(self) -> dict[str, str]:
        with self._ledger.reading() as connection:
            return decided(connection, self._store)

    def _refuse_moved(self, candidate: Candidate) -> None:
        """Let nothing be published over what the proof has not seen; the caller holds the corpus' lock."""
        moved = self._store.current_id() != candidate.base_version
        if moved or corpus_digest(self._corpus) != candidate.base_digest:
            raise EditError(
                "base has changed",
                user_message="核对之后知识库又有改动（别人发布、导入或回退过），请重新核对再发布。草稿都还在。",
            )

    def _removals(self, drafts: Sequence[Draft]) -> Iterator[str]:
        """Name what is to be deleted, and what that leaves behind."""
        for draft in drafts:
            if draft.gone:
                yield f"将删除「{draft.entry.question if draft.entry else draft.name}」"
                yield from left_behind(draft, self._shelf.now(), drafts)

    def _serving(self) -> Opened:
        """Open what serves now, stale or not: the proof compares with it. Without one that opens, build one first."""
        try:
            return self._workspace.open()
        except StoreError:
            return self._workspace.open_fresh()

    def _keep(self, candidate: Candidate, drafts: int) -> None:
        proof = candidate.proof
        counts = {"gained": len(proof.of("gained")), "broken": len(proof.of("broken"))}
        with self._ledger.writing() as connection:
            put(connection, candidate)
            note(connection, candidate.at, candidate.author, "proof", candidate.version, drafts=drafts, **counts)

    def _forget(self) -> None:
        """Throw away the candidate, and what a crash in the midst of a proof has left."""
        with self._ledger.writing() as connection:
            connection.execute("DELETE FROM candidate")
        self._sweep()

    def _sweep(self) -> None:
        """Throw away what neither waits for a decision nor was let serve; the caller is alone."""
        versions, candidate = self._store.versions(), self.candidate()  # first: a build may add one meanwhile
        spared = {*self._decided(), candidate.version if candidate else ""}
        for version in versions:
            if version not in spared:
                self._store.discard(version)
