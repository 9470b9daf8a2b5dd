"""The packaged model opens whatever has happened to its files, as long as it can be made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kb.embedding import conversion, opening
from kb.embedding.errors import FolderError
from kb.embedding.layout import TOKENIZER_FILE, WEIGHTS_FILE
from kb.embedding.opening import open_packaged

Source = Callable[[bytes], None]
INT8 = "model_int8.onnx"


@pytest.fixture(autouse=True)
def any_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of width 32 bears int8 less well than the real one, on some processors less than is asked for."""
    monkeypatch.setattr(conversion, "_LEAST_COSINE", 0.9)


def folder_of(root: Path) -> Path:
    (folder,) = [path for path in root.iterdir() if path.is_dir()]
    return folder


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def spoil(folder: Path, how: str, name: str) -> None:
    if how == "flipped":
        flip(folder / name)
    elif how == "cut off":
        (folder / name).write_bytes((folder / name).read_bytes()[:100])
    else:
        (folder / name).unlink()


@pytest.mark.parametrize("how", ["flipped", "cut off", "deleted"])
@pytest.mark.parametrize(
    "name", [INT8, "model_int8.words.npy", "model_int8.json", "manifest.json", TOKENIZER_FILE, WEIGHTS_FILE]
)
def test_a_damaged_file_is_made_again(tiny_source: Source, tmp_path: Path, how: str, name: str) -> None:
    root = tmp_path / "models"
    before = open_packaged(root)
    spoil(folder_of(root), how, name)

    after = open_packaged(root)

    assert after.digest == before.digest
    np.testing.assert_array_equal(after.encode_queries(["月付"]), before.encode_queries(["月付"]))
    assert [path.name for path in root.glob(".*.part-*")] == []


def test_damaged_weights_never_become_a_model(tiny_source: Source, tmp_path: Path) -> None:
    root = tmp_path / "models"
    before = open_packaged(root)
    flip(folder_of(root) / WEIGHTS_FILE)
    (folder_of(root) / INT8).unlink()

    after = open_packaged(root)

    np.testing.assert_array_equal(after.encode_queries(["月付"]), before.encode_queries(["月付"]))


def test_what_cannot_be_replaced_is_told(tiny_source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "models"
    open_packaged(root)
    flip(folder_of(root) / INT8)
    monkeypatch.setattr(opening, "discard", lambda folder: False)

    with pytest.raises(FolderError, match="does not match its checksum"):
        open_packaged(root)
