"""A hand-made weights file in the packed format, a two-layer encoder of width 32 over forty pieces; a shop of builds."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes import write_corpus
from shop import Shop

from kb.embedding import weights
from kb.store import Version

HIDDEN, LAYERS, HEADS, FFN, POSITIONS, BLOCK = 32, 2, 2, 64, 512, 32
PIECES = (
    [
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        "▁",
        "▁que",
        "ry",
        ":",
        "▁passage",
        "你",
        "好",
        "你好",
        "月付",
        "退款",
        "。",
        "？",
    ]
    + list("abcdefghijklmnop")
    + ["▁refund", "é", "привет", "안녕", "😀", "１", "12", "<mask>"]
)
NORMALISATION = {0x01: (), 0xFF11: (0x31,), 0x3000: (0x20,), 0x338F: (0x6B, 0x67)}


def packed_file() -> bytes:
    """Return the whole file; random but seeded."""
    rng = np.random.default_rng(11)
    blobs = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0] + [len(blob) for blob in blobs]).astype("<u4")
    scores = -np.linspace(1, 10, len(PIECES)).astype("<f4")
    table = b"".join(struct.pack(f"<IB{len(v)}I", k, len(v), *v) for k, v in NORMALISATION.items())
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, HEADS, FFN, len(PIECES) + 2, POSITIONS, 2, 1e-12, BLOCK)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, offsets[-1]) + offsets.tobytes() + scores.tobytes()
    head += b"".join(blobs) + struct.pack("<iI", len(NORMALISATION), len(table)) + table
    tensors = _tensors(rng)
    directory_bytes = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in tensors)
    at = -(-(len(head) + directory_bytes) // 64) * 64
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, kind, count, data in tensors:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, at + len(body), len(data))
        body += data + bytes(-len(data) % 64)
    return (head + directory).ljust(at, b"\0") + body


def _tensors(rng: np.random.Generator) -> list[tuple[str, int, int, bytes]]:
    def q4(name: str, count: int) -> tuple[str, int, int, bytes]:
        blocks = np.zeros(count // BLOCK, np.dtype([("d", "<f2"), ("q", "u1", BLOCK // 2)]))
        blocks["d"], blocks["q"] = rng.uniform(0.01, 0.04, len(blocks)), rng.integers(0, 256, (len(blocks), BLOCK // 2))
        return name, 1, count, blocks.tobytes()

    def f32(name: str, count: int, mean: float = 0.0) -> tuple[str, int, int, bytes]:
        return name, 0, count, (mean + rng.normal(0, 0.1, count)).astype("<f4").tobytes()

    found = [
        q4("emb.word", HIDDEN * (len(PIECES) + 2)),
        f32("emb.pos", HIDDEN * POSITIONS),
        f32("emb.type", HIDDEN * 2),
    ]
    found += [f32("emb.ln.w", HIDDEN, 1.0), f32("emb.ln.b", HIDDEN)]
    for layer in range(LAYERS):
        for part, outputs, inputs in (("q", HIDDEN, HIDDEN), ("k", HIDDEN, HIDDEN), ("v", HIDDEN, HIDDEN),
                                      ("ao", HIDDEN, HIDDEN), ("fi", FFN, HIDDEN), ("fo", HIDDEN, FFN)):  # fmt: skip
            found += [q4(f"l{layer}.{part}.w", outputs * inputs), f32(f"l{layer}.{part}.b", outputs)]
        for part in ("aln", "oln"):
            found += [f32(f"l{layer}.{part}.w", HIDDEN, 1.0), f32(f"l{layer}.{part}.b", HIDDEN)]
    return found


@pytest.fixture
def tiny_file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.bin"
    path.write_bytes(packed_file())
    return path


@pytest.fixture
def tiny_source(tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Make the tiny file the installed source; call the result to replace its content."""
    monkeypatch.setattr(weights, "locate", lambda: tiny_file)
    return lambda content: (tiny_file.write_bytes(content), None)[1]


@pytest.fixture
def tiny_pieces() -> list[str]:
    return list(PIECES)


@pytest.fixture
def shop(tmp_path: Path, tiny_version: Version) -> Shop:
    """A shop whose first version is built already."""
    shop = Shop(tmp_path)
    shutil.copytree(tiny_version.folder.parent.parent, shop.store.folder)
    write_corpus(shop.folder)
    return shop
