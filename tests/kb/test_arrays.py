from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from kb.arrays import map_arrays, write_arrays

ARRAYS = {
    "narrow": np.array([[-1, 2], [3, 4]], dtype=np.int8),
    "wide": np.arange(3, dtype=np.int64),
    "none": np.zeros((0, 5), dtype=np.float32),
    "real": np.array([0.5, -2.25]),
    "bytes": np.frombuffer("月付".encode(), dtype=np.uint8),
    "hash": np.array([2**32 - 1], dtype=np.uint32),
}


def test_what_is_written_is_mapped(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_arrays(path, ARRAYS)

    mapped = map_arrays(path)

    assert mapped.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(mapped[name], array, strict=True)
        assert mapped[name].flags.aligned
        assert not mapped[name].flags.writeable


def test_others_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_arrays(path, ARRAYS)

    read = load_file(path)

    assert read.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(read[name], array, strict=True)


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
