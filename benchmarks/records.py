"""What a benchmark is given and what it gives back."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.evaluation.questions import Answerable, corpus_files, read_answerable, read_unanswerable
from kb.workspace import Workspace

SEED = 20261123


class Skipped(Exception):
    """A benchmark cannot run here; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number: ``name`` in Chinese, ``unit`` as printed ("" for a fraction), ``note`` how to read it."""

    name: str
    value: float
    unit: str = ""
    note: str = ""

    def shown(self) -> str:
        """The number with its unit, rounded as far as it means anything."""
        digits = {"": 4, "s": 2, "ms": 2, "%": 1, "分": 2}.get(self.unit, 0)
        return f"{self.value:.{digits}f}{' ' if self.unit else ''}{self.unit}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What every benchmark is given.

    Attributes:
        corpus: the knowledge folder.
        store: where its index lives; built first where missing or stale.
        data: folder of public data sets; may be absent.
        quick: take small samples, to see that everything runs.
        say: told what is being done.
    """

    corpus: Path
    store: Path
    data: Path
    quick: bool
    say: Callable[[str], None]

    def workspace(self, threads: int = 1) -> Workspace:
        """Open the workspace; the encoder takes one thread, as when it serves."""
        return Workspace(self.corpus, self.store, progress=self._progress, threads=threads)

    def _progress(self, phrase: str, share: float) -> None:
        if share == 0.0:
            self.say(phrase)


Benchmark = Callable[[Settings], list[Figure]]


def answerable_questions(corpus: Path) -> tuple[Answerable, ...]:
    """The corpus' own answerable test questions.

    Raises:
        Skipped: it has none.
    """
    files = corpus_files(corpus, "answerable")
    if not files:
        raise Skipped(f"{corpus} 里没有 questions/answerable*.jsonl")
    return read_answerable(*files)


def sample_questions(corpus: Path, count: int) -> list[str]:
    """A seeded sample of the corpus' single test questions, answerable and not."""
    questions = [item.question for item in answerable_questions(corpus)]
    questions += [item.question for item in read_unanswerable(*corpus_files(corpus, "unanswerable"))]
    return random.Random(SEED).sample(questions, min(count, len(questions)))  # noqa: S311 - a sample, not a secret
