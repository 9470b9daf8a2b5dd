"""Fits ``assistant/meant.json``: which entry a turn means that leans on the turns before it.

Conversations with gold facts are held with the assistant as it is; each turn that has more than one reading is an
example: its candidates are right by the gold facts that they state, and where the turn expects no answer, none is. The
project's test set takes no part in it.

``python -m benchmarks.fit_meant [--dry-run] [FILE ...]``
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from assistant.meant import MEANT_FROM, NAMES, Pool
from assistant.meant import meant as likeliest
from assistant.questions import Dialogue, Gold, read_dialogues
from assistant.reading import choices_of, read_in_context
from assistant.reply import Assistant
from benchmarks.records import SEED
from kb.choice import Choice, Example, fit_choice
from kb.metrics import auroc
from kb.paths import shipped_corpus
from kb.records import Hit
from kb.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "assistant" / "meant.json"
CONVERSATIONS = ROOT / "tests" / "data" / "dialogues.jsonl"
_FOLDS = 5

out = Console()


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn that has more than one reading; ``gold`` is None where no answer is expected."""

    choices: Pool
    gold: Gold | None
    fold: int

    def is_right(self, hit: Hit) -> bool:
        """Tell whether an entry answers the turn."""
        return self.gold is not None and self.gold.matches(hit.entry, hit.facts)

    def example(self) -> Example:
        """What the turn teaches."""
        right = np.array([self.is_right(hit) for hit in self.choices.hits], dtype=np.float64)
        return Example(self.choices.values, right, none_right=not right.any())


def main(
    files: Annotated[list[Path] | None, typer.Argument(help="对话文件，默认 tests/data/dialogues.jsonl")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只显示，不写入")] = False,
) -> None:
    """Fit, show what the fit does on conversations it has not seen, and write it."""
    opened = Workspace(shipped_corpus(), Path(".store")).open()
    assistant = Assistant(opened.knowledge, opened.searcher)
    dialogues = read_dialogues(*(files or [CONVERSATIONS]))
    folds = np.random.default_rng(SEED).permutation(len(dialogues)) % _FOLDS
    pairs = zip(dialogues, folds.tolist(), strict=True)
    turns = [turn for dialogue, fold in pairs for turn in _turns(assistant, dialogue, fold)]
    _show(turns)
    choice = fit_choice([turn.example() for turn in turns])
    weights = dict(zip(NAMES, np.round(choice.weights, 4).tolist(), strict=True))
    text = json.dumps({"weights": weights, "outside": round(choice.outside, 4)}, ensure_ascii=False, indent=1)
    out.print(text, highlight=False)
    if not dry_run:
        TARGET.write_text(f"{text}\n", encoding="utf-8")


def _turns(assistant: Assistant, dialogue: Dialogue, fold: int) -> Iterator[Turn]:
    state, entries = None, assistant.knowledge.entry_by_id
    for turn in dialogue.turns:
        if state is not None:
            alone, leaning = read_in_context(assistant.searcher, state, turn.user, entries)
            choices = choices_of(alone, leaning, state, entries) if leaning else None
            if choices is not None and choices.hits:
                yield Turn(choices, turn.gold if turn.gold and turn.expect in ("", "answer") else None, fold)
        state, _ = assistant.reply(state, turn.user)


def _show(turns: Sequence[Turn]) -> None:
    """Print what is answered rightly and wrongly by weights fitted on the other folds."""
    best: list[tuple[float, bool, bool]] = []
    for fold in range(_FOLDS):
        choice = fit_choice([turn.example() for turn in turns if turn.fold != fold])
        best += [_best(turn, choice) for turn in turns if turn.fold == fold]
    chances, right, ours = (np.array(column) for column in zip(*best, strict=True))
    answered = chances >= MEANT_FROM
    out.print(
        f"{len(turns)} 轮，其中该答 {ours.sum()}；首位对 {right[ours].mean():.3f}，"
        f"从 {MEANT_FROM} 起作答：对 {(right & answered)[ours].mean():.3f}，错 {(~right & answered)[ours].mean():.3f}，"
        f"不该答而答 {answered[~ours].mean():.3f}，AUROC {auroc(chances[ours], chances[~ours]):.3f}",
        highlight=False,
    )


def _best(turn: Turn, choice: Choice) -> tuple[float, bool, bool]:
    """Probability of the likeliest entry, whether it is right, and whether an answer was expected."""
    hit = likeliest(turn.choices, choice)[0]
    return hit.probability, turn.is_right(hit), turn.gold is not None


if __name__ == "__main__":
    typer.run(main)
