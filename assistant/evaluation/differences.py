"""Two runs question by question, with the words of the questions and the probabilities, for people to look through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.evaluation.compare import Changed, Json
from assistant.evaluation.questions import corpus_files, read_answerable, read_dialogues, read_unanswerable


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that became right or wrong: its words, both replies and the probability of each first candidate."""

    id: str
    part: str
    question: str
    before: str
    after: str
    before_entry: str
    after_entry: str
    before_probability: float
    after_probability: float


def differences(
    changed: Iterable[Changed], before: Json, after: Json, questions: Mapping[str, str]
) -> tuple[Difference, ...]:
    """Fill in what a comparison leaves out.

    Args:
        changed: of :func:`assistant.evaluation.compare`.
        before: the first report.
        after: the second.
        questions: words by id; an id without them is shown in their place.

    """
    old, new = _probabilities(before), _probabilities(after)
    return tuple(
        Difference(
            item.id,
            item.part,
            questions.get(item.id, item.id),
            item.before,
            item.after,
            item.before_entry,
            item.after_entry,
            old.get(item.id, 0.0),
            new.get(item.id, 0.0),
        )
        for item in changed
    )


def question_words(corpus: Path) -> Mapping[str, str]:
    """Words of every question of a corpus' own test set, by id as reports name it.

    Raises:
        CorpusError: a file of the test set cannot be read.

    """
    words = {row.id: row.question for row in read_answerable(*corpus_files(corpus, "answerable"))}
    words |= {row.id: row.question for row in read_unanswerable(*corpus_files(corpus, "unanswerable"))}
    for dialogue in read_dialogues(*corpus_files(corpus, "dialogues")):
        words |= {f"{dialogue.id}#{number}": turn.user for number, turn in enumerate(dialogue.turns, 1)}
    return words


def _probabilities(report: Json) -> dict[str, float]:
    rows = report.get("rows")
    listed = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return {str(row.get("id")): float(row.get("probability") or 0.0) for row in listed}
