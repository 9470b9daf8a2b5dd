"""``zhida mcp`` over a tiny corpus with a fake encoder: ``stdio_process.py FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from fakes import FakeEmbedder, write_corpus

from assistant.cli.main import app
from kb.workspace import Workspace

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    Workspace.embedder = lambda self: FakeEmbedder()  # type: ignore[method-assign]
    app(["mcp", "--corpus", str(write_corpus(folder / "corpus")), "--store", str(folder / "store")])
