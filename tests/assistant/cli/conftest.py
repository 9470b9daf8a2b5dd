"""Commands run over the tiny corpus with a fake encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_fakes import Zhida
from fakes import FakeEmbedder, write_corpus
from typer.testing import CliRunner

from assistant.cli import console
from assistant.cli.main import app
from kb.workspace import Workspace


@pytest.fixture(autouse=True)
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEmbedder()
    monkeypatch.setattr(Workspace, "embedder", lambda self: fake)
    for name in ("ZHIDA_CORPUS", "ZHIDA_STORE", "ZHIDA_MODEL", "ZHIDA_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(console.out, "width", 400)
    monkeypatch.setattr(console.err, "width", 400)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli-store") / "store"


@pytest.fixture
def zhida(tiny_folder: Path, store: Path) -> Zhida:
    """Run a command over the tiny corpus and a store that this module's tests share, where it takes them."""

    def run(command: str, *arguments: object, **places: Path | None) -> Any:
        given = {"corpus": tiny_folder, "store": store} | places
        options = [f"--{name}={place}" for name, place in given.items() if place is not None]
        return CliRunner().invoke(app, [command, *map(str, arguments), *options])

    return run


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A corpus that the test may change."""
    return write_corpus(tmp_path / "corpus")
