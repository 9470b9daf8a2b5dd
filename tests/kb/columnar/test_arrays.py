from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from kb.columnar.arrays import MAPPED_FROM, map_arrays, write_arrays

ARRAYS = {
    "narrow": np.array([[-1, 2], [3, 4]], dtype=np.int8),
    "wide": np.arange(3, dtype=np.int64),
    "none": np.zeros((0, 5), dtype=np.float32),
    "real": np.array([0.5, -2.25]),
    "bytes": np.frombuffer("月付".encode(), dtype=np.uint8),
    "hash": np.array([2**32 - 1], dtype=np.uint32),
}


@pytest.mark.parametrize("read", [map_arrays, load_file], ids=["ours", "the library's"])
def test_what_is_written_is_read(tmp_path: Path, read: Callable[[Path], Mapping[str, np.ndarray]]) -> None:
    path = tmp_path / "a.safetensors"
    write_arrays(path, ARRAYS)

    found = read(path)

    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


@pytest.mark.parametrize("mapped_from", [MAPPED_FROM, 0])
def test_what_is_opened_is_aligned_and_not_to_be_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapped_from: int
) -> None:
    monkeypatch.setattr("kb.columnar.arrays.MAPPED_FROM", mapped_from)
    path = tmp_path / "a.safetensors"
    write_arrays(path, ARRAYS)

    opened = map_arrays(path)
    path.unlink() if mapped_from == 0 else path.write_bytes(b"")  # what is held whole outlives what is cut off
    for name, array in opened.items():
        np.testing.assert_array_equal(array, ARRAYS[name])
        assert array.flags.aligned
        assert not array.flags.writeable


HEAD = b'{"a":{"dtype":"I8","shape":[9],"data_offsets":[0,9]}}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"abc",
        b"\xff" * 8,
        b"\x02" + bytes(7) + b"[]",
        b"\x04" + bytes(7) + b"nope",
        bytes([len(HEAD)]) + bytes(7) + HEAD + b"12345678",
        bytes([len(HEAD)]) + bytes(7) + HEAD.replace(b"I8", b"X8") + b"123456789",
        bytes([len(HEAD)]) + bytes(7) + HEAD.replace(b"[9]", b"[8]") + b"123456789",
    ],
)
def test_damage_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"."):
        map_arrays(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        map_arrays(tmp_path / "a.safetensors")
