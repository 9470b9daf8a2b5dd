"""Replaying a test set on a version: what evaluation and publishing with proof have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.evaluation import Report, evaluate
from assistant.evaluation.questions import read_answerable, read_dialogues, read_unanswerable
from assistant.reply import Assistant
from kb.workspace import Opened

Files = tuple[Sequence[Path], Sequence[Path], Sequence[Path]]


def replay(opened: Opened, files: Files, progress: Callable[[str, float], None] | None = None) -> Report:
    """Ask a version every question of a test set.

    Args:
        opened: the version.
        files: answerable, unanswerable and dialogue files; a part without files is left out.
        progress: called with a Chinese phrase and the share done.
    """
    assistant = Assistant(opened.knowledge, opened.searcher)
    assistant.reply(None, "你好")  # the first call pays for what is loaded lazily
    answerable, unanswerable, dialogues = files
    return evaluate(
        lambda state, text: assistant.reply(state, text),
        read_answerable(*answerable) if answerable else None,
        read_unanswerable(*unanswerable) if unanswerable else None,
        read_dialogues(*dialogues) if dialogues else None,
        facts_of={unit.id: unit.facts for unit in opened.searcher.index.units},
        progress=progress,
    )


def identity_of(opened: Opened) -> dict[str, str]:
    """What a run was made with, so that two runs can be told apart."""
    parts = {name: opened.version.manifest.get(name) for name in ("corpus", "model")}
    return {name: str(part.get("digest", "")) for name, part in parts.items() if isinstance(part, dict)}
