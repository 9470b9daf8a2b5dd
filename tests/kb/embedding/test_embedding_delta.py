"""A delta gives the tuned weights back nearly exactly, and only on the base it was made for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from kb.embedding.delta import write_delta
from kb.embedding.errors import DeltaError, FolderError
from kb.embedding.folder import materialise
from kb.embedding.manifest import read_manifest

Source = Callable[[bytes], None]
WORDS = "embeddings.word_embeddings.weight"


def perturbed(base: Path, out: Path, size: float, rows: slice = slice(None)) -> dict[str, NDArray[np.float32]]:
    """Copy a folder with every weight moved by a share `size` of its tensor's spread; words only in `rows`."""
    shutil.copytree(base, out)
    rng, state = np.random.default_rng(5), load_file(base / "model.safetensors")
    for name, tensor in state.items():
        where = rows if name == WORDS else slice(None)
        tensor[where] += rng.normal(0, size * tensor.std(), tensor[where].shape).astype(np.float32)
    save_file(state, out / "model.safetensors")
    return state


def test_round_trip(tiny_source: Source, tmp_path: Path) -> None:
    base = materialise(tmp_path)
    before, tuned = load_file(base / "model.safetensors"), perturbed(base, tmp_path / "tuned", 0.2, slice(3, 9))
    delta = tmp_path / "tuned.delta"
    write_delta(base, tmp_path / "tuned", delta)
    assert load_file(delta)[f"{WORDS}#rows"].tolist() == [3, 4, 5, 6, 7, 8]
    folder = materialise(tmp_path, delta=delta)
    assert folder != base
    manifest = read_manifest(folder)
    assert manifest.base == read_manifest(base).identity != manifest.identity
    for name, tensor in load_file(folder / "model.safetensors").items():
        worst = np.abs(tuned[name] - before[name]).max() / 127 * 0.51 + 1e-7
        assert np.abs(tensor - tuned[name]).max() <= worst


def test_unchanged_weights_make_an_empty_delta(tiny_source: Source, tmp_path: Path) -> None:
    base = materialise(tmp_path)
    delta = tmp_path / "none.delta"
    write_delta(base, base, delta)
    assert load_file(delta) == {}
    after = load_file(materialise(tmp_path, delta=delta) / "model.safetensors")
    assert all((after[name] == tensor).all() for name, tensor in load_file(base / "model.safetensors").items())


def test_wrong_base(tiny_source: Source, tiny_file: Path, tmp_path: Path) -> None:
    base = materialise(tmp_path)
    perturbed(base, tmp_path / "tuned", 0.2)
    delta = tmp_path / "tuned.delta"
    write_delta(base, tmp_path / "tuned", delta)
    content = bytearray(tiny_file.read_bytes())
    content[-70] ^= 1
    tiny_source(bytes(content))
    with pytest.raises(DeltaError, match="made for base") as caught:
        materialise(tmp_path, delta=delta)
    assert "zhida adapt" in caught.value.user_message


def test_damaged_delta(tiny_source: Source, tmp_path: Path) -> None:
    delta = tmp_path / "bad.delta"
    delta.write_bytes(b"not a delta")
    with pytest.raises(DeltaError, match="cannot be read"):
        materialise(tmp_path, delta=delta)
    save_file({}, delta, metadata={"format": "7"})
    with pytest.raises(DeltaError, match="delta format 7"):
        materialise(tmp_path, delta=delta)


@pytest.mark.parametrize(
    "tensors",
    [
        {f"{WORDS}#q": np.zeros((2, 32), np.int8)},
        {f"{WORDS}#q": np.zeros((2, 32), np.int8), f"{WORDS}#s": np.ones(2, np.float32)},
        {"stranger#d": np.zeros(2, np.float32)},
        {
            f"{WORDS}#q": np.zeros((1, 32), np.int8),
            f"{WORDS}#s": np.ones(1, np.float32),
            f"{WORDS}#rows": np.array([9999], np.int32),
        },
    ],
)
def test_delta_that_does_not_fit(tiny_source: Source, tmp_path: Path, tensors: dict[str, NDArray[np.generic]]) -> None:
    metadata = {"format": "1", "base": read_manifest(materialise(tmp_path)).identity}
    delta = tmp_path / "odd.delta"
    save_file(tensors, delta, metadata=metadata)
    with pytest.raises(DeltaError):
        materialise(tmp_path, delta=delta)


def test_other_architecture(tiny_source: Source, tmp_path: Path) -> None:
    base = materialise(tmp_path)
    (tmp_path / "other").mkdir()
    save_file({"a": np.zeros(3, np.float32)}, tmp_path / "other" / "model.safetensors")
    with pytest.raises(DeltaError, match="another shape"):
        write_delta(base, tmp_path / "other", tmp_path / "x.delta")
    with pytest.raises(FolderError):
        write_delta(base, tmp_path / "absent", tmp_path / "x.delta")


@pytest.mark.parametrize("layers", ["7", "one", "0,", "0,2"])
def test_layers_that_the_base_lacks(tiny_source: Source, tmp_path: Path, layers: str) -> None:
    metadata = {"format": "1", "base": read_manifest(materialise(tmp_path)).identity, "layers": layers}
    delta = tmp_path / "odd.delta"
    save_file({}, delta, metadata=metadata)
    with pytest.raises(DeltaError):
        materialise(tmp_path, delta=delta)
