"""Plain arrays in one file; a large one is mapped into memory: what is not looked at is not read.

The file is in the safetensors format (8 bytes of header length, a JSON header, the raw little-endian data), so that
other programs can read it too; it is written and mapped here in a few lines, because the library copies what it reads.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES: dict[str, np.dtype[Any]] = {
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
    "U32": np.dtype("<u4"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}
_ALIGNED = 8
# A mapped file that somebody cuts off kills whoever reads it, so only what is too large to be held is mapped.
MAPPED_FROM = 256 * 2**20


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays of the types above.

    Raises:
        OSError: the disk does not take them.
    """
    # the widest first: every array is then aligned to its own type
    names = sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name))
    header: dict[str, object] = {}
    end = 0
    for name in names:
        array = arrays[name]
        start, end = end, end + array.nbytes
        header[name] = {"dtype": _NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [start, end]}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % _ALIGNED)
    with path.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for name in names:
            file.write(np.ascontiguousarray(arrays[name]).reshape(-1).view(np.uint8).data)


def map_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Open what :func:`write_arrays` wrote, read-only: read whole, mapped from ``MAPPED_FROM`` bytes on.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it is damaged.
    """
    if path.stat().st_size >= MAPPED_FROM:
        # as plain arrays: slicing a numpy.memmap costs several times as much
        whole = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    else:
        whole = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    first = _ALIGNED + int.from_bytes(whole[:_ALIGNED].tobytes(), "little")
    if len(whole) < _ALIGNED or len(whole) < first:
        raise ValueError(f"{path.name} ends within its header")
    header = json.loads(whole[_ALIGNED:first].tobytes())
    try:
        return {name: _array(whole[first:], **spec) for name, spec in header.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} holds no arrays: {error}") from error


def _array(data: NDArray[np.uint8], dtype: str, shape: list[int], data_offsets: list[int]) -> NDArray[Any]:
    start, end = data_offsets
    kind = _TYPES[dtype]
    if not 0 <= start <= end <= len(data) or end - start != math.prod(shape) * kind.itemsize:
        raise ValueError("an array ends outside its file")
    array: NDArray[Any] = np.frombuffer(data[start:end], dtype=kind).reshape(shape)
    return array
