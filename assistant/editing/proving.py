"""Replaying the test set and real questions on two versions, and the lint of what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assistant.editing.proof import Asked, Proof, from_answer, from_outcomes, proof_of
from assistant.evaluation import compare
from assistant.publish import Files, replay
from assistant.questions import corpus_files
from assistant.reply import Assistant
from kb.lint import lint
from kb.workspace import Opened

Progress = Callable[[str, float], None]
_PARTS = ("answerable", "unanswerable", "dialogues")
_MOST_FINDINGS = 200


def prove(
    before: Opened,
    after: Opened,
    corpus: Path,
    asked: Sequence[str],
    findings: Sequence[str],
    progress: Progress,
) -> Proof:
    """Ask both versions the corpus' own test set and real questions, and compare.

    Args:
        before: the version that serves.
        after: the new one.
        corpus: where the test set lies; it may have none.
        asked: real questions, each put as the first of a conversation.
        findings: of :func:`new_findings`, to stand beside.
        progress: told a Chinese phrase and the share done.
    """
    files = own_test_set(corpus)
    old, reported = _replayed(before, files, asked, _named(progress, "现在的版本"))
    new, reporting = _replayed(after, files, asked, _named(progress, "新版本"))
    figures = compare(reported, reporting).figures if any(files) else ()
    # Milliseconds of two replays in a row on a busy machine tell nothing of the two versions.
    moved = {item.name: (item.before, item.after) for item in figures if not item.name.startswith("latency_ms")}
    return proof_of(old, new, moved, findings)


def own_test_set(corpus: Path) -> Files:
    """List the corpus' own test set: answerable, unanswerable, dialogues."""
    answerable, unanswerable, dialogues = (corpus_files(corpus, part) for part in _PARTS)
    return answerable, unanswerable, dialogues


def new_findings(corpus: Path, draft: Path) -> tuple[str, ...]:
    """Faults that the lint finds in a corpus with drafts and not in the corpus itself, in words; warnings too."""
    known = {(found.code, found.message) for found in lint(corpus)}
    fresh = [str(found) for found in lint(draft) if (found.code, found.message) not in known]
    return tuple(fresh[:_MOST_FINDINGS])


def _replayed(
    opened: Opened, files: Files, asked: Sequence[str], progress: Progress
) -> tuple[list[Asked], Mapping[str, object]]:
    report = replay(opened, files, progress)
    assistant = Assistant(opened.knowledge, opened.searcher)
    real = []
    for number, question in enumerate(asked, 1):
        real.append(from_answer(question, assistant.reply(None, question)[1]))
        progress("真实提问", number / len(asked))
    return [*from_outcomes(report.outcomes), *real], report.to_json()


def _named(progress: Progress, whose: str) -> Progress:
    return lambda phrase, share: progress(f"{whose}：{phrase}", share)
