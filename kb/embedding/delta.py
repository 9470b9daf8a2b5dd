"""Weight deltas: how fine-tuned weights differ from the base, small enough to keep beside the corpus.

A delta is one safetensors file. For each changed tensor `t` of two dimensions it holds `t#q`, the differences
tuned − base as int8 with one symmetric scale a row, `t#s`, those scales as float32, and for the word embeddings
`t#rows`, the changed rows. A tensor of one dimension is stored whole, as float32 differences, in `t#d`. Metadata: the
base's identity, a format number and, where the tuned encoder keeps only some of the base's layers, their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from kb.embedding.errors import DeltaError, FolderError
from kb.embedding.layout import WEIGHTS_FILE, WORD_EMBEDDINGS, only_layers
from kb.embedding.manifest import read_manifest

FORMAT = "1"
_LAYERS = "layers"
_LEVELS = 127.0  # the largest int8, symmetric
_UNCHANGED = 1e-3  # a word row whose difference is below this share of its norm (weight decay alone) is left as it is

Tensors = dict[str, NDArray[np.float32]]


def write_delta(base_folder: Path, tuned_folder: Path, out: Path, *, layers: Sequence[int] = ()) -> None:
    """Write tuned − base to `out`.

    Args:
        base_folder: a folder of `materialise` without a delta.
        tuned_folder: the same vocabulary, saved by sentence-transformers after training.
        out: the file to write, replaced as a whole.
        layers: which layers of the base the tuned encoder's own started from, in order; all of them when empty.

    Raises:
        DeltaError: the tensors of the two folders do not match.
        FolderError: a folder lacks its manifest or weights.
    """
    manifest = read_manifest(base_folder)
    base, tuned = only_layers(_state(base_folder), layers), _state(tuned_folder)
    packed: dict[str, NDArray[np.generic]] = {}
    for name, before in base.items():
        after = tuned.get(name)
        if after is None or after.shape != before.shape:
            raise DeltaError(f"{tuned_folder.name}: tensor {name} is absent or of another shape than in the base")
        packed |= _pack(name, before, after)
    part = out.with_name(out.name + ".part")
    metadata = {"format": FORMAT, "base": manifest.identity} | ({_LAYERS: ",".join(map(str, layers))} if layers else {})
    save_file(packed, part, metadata=metadata)
    part.replace(out)


def layers_of(delta: Path) -> tuple[int, ...]:
    """Return which layers of the base a delta keeps, empty for all; raises DeltaError when it cannot be read."""
    return _layers(_metadata(delta), delta.name)


def apply_delta(state: Mapping[str, NDArray[np.float32]], delta: Path, *, base: str) -> Tensors:
    """Return `state` with a delta added, and without the layers that the tuned encoder does without.

    Raises:
        DeltaError: the delta is damaged, or made for another base identity.
    """
    metadata = _metadata(delta)
    try:
        packed = load_file(delta)
    except (OSError, SafetensorError) as error:
        raise DeltaError(f"{delta.name}: cannot be read: {error}") from error
    if metadata.get("format") != FORMAT:
        raise DeltaError(f"{delta.name}: delta format {metadata.get('format')}, expected {FORMAT}")
    if metadata.get("base") != base:
        raise DeltaError(f"{delta.name}: made for base {metadata.get('base')}, not {base}")
    try:
        result = dict(only_layers(state, _layers(metadata, delta.name)))
    except KeyError as error:
        raise DeltaError(f"{delta.name}: the base has no layer {error}") from error
    for name in {key.rpartition("#")[0] for key in packed}:
        if name not in result:
            raise DeltaError(f"{delta.name}: tensor {name} is not in the base")
        result[name] = _unpack(name, result[name], packed, delta.name)
    return result


def _metadata(delta: Path) -> dict[str, str]:
    try:
        with safe_open(delta, framework="numpy") as stream:
            return stream.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise DeltaError(f"{delta.name}: cannot be read: {error}") from error


def _layers(metadata: Mapping[str, str], file: str) -> tuple[int, ...]:
    listed = metadata.get(_LAYERS, "")
    try:
        return tuple(int(number) for number in listed.split(",")) if listed else ()
    except ValueError as error:
        raise DeltaError(f"{file}: {listed!r} is no list of layers") from error


def _state(folder: Path) -> Tensors:
    try:
        return {name: tensor.astype(np.float32) for name, tensor in load_file(folder / WEIGHTS_FILE).items()}
    except (OSError, SafetensorError) as error:
        raise FolderError(f"{folder.name}: cannot read {WEIGHTS_FILE}: {error}") from error


def _pack(name: str, before: NDArray[np.float32], after: NDArray[np.float32]) -> dict[str, NDArray[np.generic]]:
    difference = after - before
    if not difference.any():
        return {}
    if difference.ndim == 1:
        return {f"{name}#d": difference}
    packed: dict[str, NDArray[np.generic]] = {}
    if name == WORD_EMBEDDINGS:
        moved = np.linalg.norm(difference, axis=1) > _UNCHANGED * np.linalg.norm(before, axis=1)
        rows = np.flatnonzero(moved).astype(np.int32)
        packed[f"{name}#rows"], difference = rows, difference[rows]
    scales = (np.abs(difference).max(axis=1) / _LEVELS).astype(np.float32)
    steps = np.divide(difference, scales[:, None], out=np.zeros_like(difference), where=scales[:, None] > 0)
    return packed | {f"{name}#q": np.rint(steps).astype(np.int8), f"{name}#s": scales}


def _unpack(
    name: str, before: NDArray[np.float32], packed: Mapping[str, NDArray[np.generic]], file: str
) -> NDArray[np.float32]:
    try:
        if f"{name}#d" in packed:
            return before + packed[f"{name}#d"].astype(np.float32)
        difference = packed[f"{name}#q"].astype(np.float32) * packed[f"{name}#s"].astype(np.float32)[:, None]
        if f"{name}#rows" not in packed:
            return before + difference
        after = before.copy()
        after[packed[f"{name}#rows"].astype(np.int64)] += difference
        return after
    except (KeyError, ValueError, IndexError) as error:
        raise DeltaError(f"{file}: tensor {name} does not fit the base: {error}") from error
