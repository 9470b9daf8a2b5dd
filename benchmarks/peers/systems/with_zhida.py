"""This project: its own build and its own searcher, which chat, staff search and the API share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peers.setup import Search, Setup, Text
from kb.workspace import Workspace


def builder(setup: Setup) -> Callable[[Sequence[Text]], None]:
    """Open the encoder; the build reads the knowledge folder itself, as it always does."""
    space = _workspace(setup)
    space.embedder()

    def build(_texts: Sequence[Text]) -> None:
        space.build()

    return build


def searches(setup: Setup) -> dict[str, Search]:
    """Open the index as a server does, after a look at whether it still fits corpus and model."""
    searcher = _workspace(setup).open_fresh().searcher
    return {"hybrid": lambda question: [hit.entry for hit in searcher.search(question, k=setup.depth).hits]}


def _workspace(setup: Setup) -> Workspace:
    return Workspace(Path(setup.corpus), Path(setup.index), threads=setup.threads)
