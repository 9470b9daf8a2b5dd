"""The commands with ``--vectors``: build, ask, doctor and rollback over Milvus, and what is said without the address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEmbedder, write_corpus
from typer.testing import CliRunner

from assistant.cli import console
from assistant.cli.main import app
from kb.milvus.address import parse_address
from kb.milvus.client import Milvus
from kb.store import Store
from kb.workspace import Workspace


@pytest.fixture(autouse=True)
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEmbedder()
    monkeypatch.setattr(Workspace, "embedder", lambda self: fake)
    monkeypatch.delenv("ZHIDA_VECTORS", raising=False)
    monkeypatch.setattr(console.out, "width", 400)
    monkeypatch.setattr(console.err, "width", 400)


def test_a_store_over_milvus(tmp_path: Path, milvus_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, store, url = write_corpus(tmp_path / "corpus"), tmp_path / "store", f"{milvus_url}?name=cli"
    milvus = Milvus(parse_address(url))

    def zhida(command: str, *arguments: str) -> Any:
        return CliRunner().invoke(app, [command, *arguments, f"--store={store}", f"--corpus={corpus}"])

    assert zhida("build").exit_code == 0
    assert "✓ 向量：FAISS，在索引文件夹里" in zhida("doctor").stdout
    assert "没有放进向量库" in zhida("doctor", f"--vectors={url}").stdout

    assert zhida("build", f"--vectors={url}").exit_code == 0
    moved = Store(store).current_id()
    assert f"集合 cli_{moved.replace('-', '_')}，" in zhida("doctor", f"--vectors={url}").stdout

    for command in (("ask", "月付怎么开通"), ("search", "月付怎么开通"), ("doctor",)):
        said = zhida(*command)
        assert said.exit_code == 1
        assert "--vectors" in said.output
        assert "ZHIDA_VECTORS" in said.output
    assert Store(store).current_id() == moved

    monkeypatch.setenv("ZHIDA_VECTORS", url)
    assert "抖音月付怎么开通：以页面为准。" in zhida("ask", "月付怎么开通").stdout
    (corpus / "facts.md").write_text("", "utf-8")
    assert zhida("build").exit_code == 0
    newer = Store(store).current_id()
    assert milvus.pointed("cli") == f"cli_{newer.replace('-', '_')}"
    assert zhida("rollback", "--index-only").exit_code == 0
    assert (Store(store).current_id(), milvus.pointed("cli")) == (moved, f"cli_{moved.replace('-', '_')}")


def test_an_address_where_nobody_is(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    said = CliRunner().invoke(
        app, ["build", f"--corpus={corpus}", f"--store={tmp_path / 's'}", "--vectors=http://127.0.0.1:9"]
    )
    assert said.exit_code == 1
    assert "向量库 Milvus（http://127.0.0.1:9）没有应答" in said.stderr
    assert Store(tmp_path / "s").versions() == []
