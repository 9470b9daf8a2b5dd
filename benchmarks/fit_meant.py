"""Fits ``assistant/dialogue/meant.json`` and ``meant.safetensors``: which entry a turn means that leans on the turns before it.

Conversations with gold facts are held with the assistant as it is; each turn that has more than one reading is an
example: its candidates are right by the gold facts that they state, and where the turn expects no answer, none is. The
project's test set takes no part in it.

The plain weights are those of the first 630 conversations. Fitted on all they gave 3 of 1,631 unseen turns more, held
with the shipped model, but the entry just given again where another was asked for; ``--plain`` fits them anew.

``python -m benchmarks.fit_meant [--plain] [--dry-run] [FILE ...]``
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from assistant.dialogue.meant import FITTED, MEANT_FROM, NAMES, PRODUCTS, Judgement, Own, Pool, fitted
from assistant.dialogue.meant import meant as likeliest
from assistant.dialogue.products import NAMES as OWN
from assistant.dialogue.reading import choices_of, read_in_context
from assistant.evaluation.questions import Dialogue, Gold, read_dialogues
from assistant.reply import Assistant
from benchmarks.joint import Joint, fit_joint
from benchmarks.records import SEED
from kb.choice import Choice, Example, fit_choice
from kb.columnar.arrays import write_arrays
from kb.manifest import digest_of
from kb.metrics import auroc
from kb.paths import shipped_corpus
from kb.records import Hit
from kb.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
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
    plain: Annotated[bool, typer.Option("--plain", help="也重写不论模型的那一份")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只显示，不写入")] = False,
) -> None:
    """Fit, show what the fit does on conversations it has not seen, and write it."""
    opened = Workspace(shipped_corpus(), Path(".store")).open()
    assistant = Assistant(opened.knowledge, opened.searcher)
    dialogues = read_dialogues(*(files or [CONVERSATIONS]))
    folds = np.random.default_rng(SEED).permutation(len(dialogues)) % _FOLDS
    pairs = zip(dialogues, folds.tolist(), strict=True)
    turns = [turn for dialogue, fold in pairs for turn in _turns(assistant, dialogue, fold)]
    _show("不论模型", turns, lambda some: Judgement(_fit_plain(some)))
    _show("随附的模型", turns, lambda some: Judgement(_fit_plain(some), _fit_own(some)))
    own = _fit_own(turns)
    if not dry_run:
        write_arrays(PRODUCTS, own.products.to_arrays())
    data = {
        "plain": _to_json(_fit_plain(turns) if plain else fitted("").plain, NAMES),
        "own": {
            "model": opened.searcher.model,
            "products": digest_of(PRODUCTS),
            **_to_json(own.choice, (*NAMES, *OWN)),
        },
    }
    text = json.dumps(data, ensure_ascii=False, indent=1)
    out.print(text, highlight=False)
    if not dry_run:
        FITTED.write_text(f"{text}\n", encoding="utf-8")


def _to_json(choice: Choice, names: Sequence[str]) -> dict[str, object]:
    weights = dict(zip(names, np.round(choice.weights, 4).tolist(), strict=True))
    return {"weights": weights, "outside": round(choice.outside, 4)}


def _fit_plain(turns: Sequence[Turn]) -> Choice:
    return fit_choice([turn.example() for turn in turns])


def _fit_own(turns: Sequence[Turn]) -> Own:
    sensed = [(turn.example(), turn.choices.senses) for turn in turns]
    return Own(*fit_joint([Joint(example, senses) for example, senses in sensed if senses is not None]))


def _turns(assistant: Assistant, dialogue: Dialogue, fold: int) -> Iterator[Turn]:
    state, entries = None, assistant.knowledge.entry_by_id
    for turn in dialogue.turns:
        if state is not None:
            alone, leaning = read_in_context(assistant.searcher, state, turn.user, entries)
            choices = choices_of(assistant.searcher, alone, leaning, state, entries) if leaning else None
            if choices is not None and choices.hits:
                yield Turn(choices, turn.gold if turn.gold and turn.expect in ("", "answer") else None, fold)
        state, _ = assistant.reply(state, turn.user)


def _show(name: str, turns: Sequence[Turn], fit: Callable[[Sequence[Turn]], Judgement]) -> None:
    """Print what is answered rightly and wrongly by weights fitted on the other folds."""
    best: list[tuple[float, bool, bool]] = []
    for fold in range(_FOLDS):
        judgement = fit([turn for turn in turns if turn.fold != fold])
        best += [_best(turn, judgement) for turn in turns if turn.fold == fold]
    chances, right, ours = (np.array(column) for column in zip(*best, strict=True))
    answered = chances >= MEANT_FROM
    out.print(
        f"{name}：{len(turns)} 轮，其中该答 {ours.sum()}；首位对 {right[ours].mean():.3f}，"
        f"从 {MEANT_FROM} 起作答：对 {(right & answered)[ours].mean():.3f}，错 {(~right & answered)[ours].mean():.3f}，"
        f"不该答而答 {answered[~ours].mean():.3f}，AUROC {auroc(chances[ours], chances[~ours]):.3f}",
        highlight=False,
    )


def _best(turn: Turn, judgement: Judgement) -> tuple[float, bool, bool]:
    """Probability of the likeliest entry, whether it is right, and whether an answer was expected."""
    hit = likeliest(turn.choices, judgement)[0]
    return hit.probability, turn.is_right(hit), turn.gold is not None


if __name__ == "__main__":
    typer.run(main)
