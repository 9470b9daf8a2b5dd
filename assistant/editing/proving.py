"""Replaying the test set and real questions on two versions, and the lint of what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from assistant.editing.proof import Asked, Proof, from_answer, from_outcomes, proof_of
from assistant.evaluation import Report, compare
from assistant.evaluation.questions import corpus_files, questions_digest
from assistant.publish import Files, replay
from assistant.reply import Assistant
from kb.corpus import corpus_digest
from kb.lint import Finding, lint
from kb.workspace import Opened

Progress = Callable[[str, float], None]
_PARTS = ("answerable", "unanswerable", "dialogues")
_MOST_FINDINGS = 200


class Prover:
    """Compares versions over one corpus; what it found out about a version is not found out again.

    Args:
        corpus: where the test set lies; it may have none.
    """

    def __init__(self, corpus: Path) -> None:
        self._corpus = corpus
        self._replayed: dict[tuple[str, str], Report] = {}
        self._linted: dict[str, frozenset[tuple[str, str]]] = {}

    def prove(
        self, before: Opened, after: Opened, asked: Sequence[str], findings: Sequence[str], progress: Progress
    ) -> Proof:
        """Ask both versions the corpus' own test set and real questions, and compare.

        Args:
            before: the version that serves.
            after: the new one.
            asked: real questions, each put as the first of a conversation.
            findings: of :meth:`new_findings`, to stand beside.
            progress: told a Chinese phrase and the share done.
        """
        files = own_test_set(self._corpus)
        old = self._tested(before, files, _named(progress, "现在的版本"))
        new = self._tested(after, files, _named(progress, "新版本"))
        figures = compare(old.to_json(), new.to_json()).figures if any(files) else ()
        # Milliseconds of two replays on a busy machine tell nothing of the two versions.
        moved = {item.name: (item.before, item.after) for item in figures if not item.name.startswith("latency_ms")}
        return proof_of(
            [*from_outcomes(old.outcomes), *_asked(before, asked, _named(progress, "现在的版本"))],
            [*from_outcomes(new.outcomes), *_asked(after, asked, _named(progress, "新版本"))],
            moved,
            findings,
        )

    def new_findings(self, draft: Path) -> tuple[str, ...]:
        """Faults that the lint finds in a corpus with drafts and not in the corpus itself, in words; warnings too."""
        digest = corpus_digest(self._corpus)
        known = self._linted[digest] if digest in self._linted else _told(lint(self._corpus))
        found = lint(draft)
        # The draft may be the corpus by the next time.
        self._linted = {digest: known, corpus_digest(draft): _told(found)}
        fresh = [str(fault) for fault in found if (fault.code, fault.message) not in known]
        return tuple(fresh[:_MOST_FINDINGS])

    def _tested(self, opened: Opened, files: Files, progress: Progress) -> Report:
        key = (opened.version.id, questions_digest(path for part in files for path in part))
        if key not in self._replayed:
            kept = list(self._replayed.items())[-1:]
            self._replayed = {**dict(kept), key: replay(opened, files, progress)}
        return self._replayed[key]


def own_test_set(corpus: Path) -> Files:
    """List the corpus' own test set: answerable, unanswerable, dialogues."""
    answerable, unanswerable, dialogues = (corpus_files(corpus, part) for part in _PARTS)
    return answerable, unanswerable, dialogues


def _told(findings: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    return frozenset((found.code, found.message) for found in findings)


def _asked(opened: Opened, questions: Sequence[str], progress: Progress) -> Iterator[Asked]:
    assistant = Assistant(opened.knowledge, opened.searcher)
    for number, question in enumerate(questions, 1):
        yield from_answer(question, assistant.reply(None, question)[1])
        progress("真实提问", number / len(questions))


def _named(progress: Progress, whose: str) -> Progress:
    return lambda phrase, share: progress(f"{whose}：{phrase}", share)
