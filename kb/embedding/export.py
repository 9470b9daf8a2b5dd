"""Write the ONNX form of a model folder beside its weights, int8 by default, and check it against float32."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from filelock import FileLock
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from kb.embedding.calibration import session, smoothing, token_rows
from kb.embedding.errors import FolderError
from kb.embedding.folder import Progress, materialise
from kb.embedding.graph import INPUTS, Shape, State, build
from kb.embedding.layout import LENGTH_FILE, PROMPTS_FILE, TOKENIZER_FILE, WEIGHTS_FILE
from kb.embedding.manifest import combine, is_complete, read_manifest, verify, write_manifest

FORMAT = 2  # raise it whenever the same weights would give other vectors
Precision = Literal["int8", "fp32"]
_LEAST_COSINE = 0.99  # to float32, on the calibration sentences; below it the weights do not bear int8


def model_file(precision: Precision) -> str:
    """Return the name of the ONNX file of a precision."""
    return f"model_{precision}.onnx"


def manifest_file(precision: Precision) -> str:
    """Return the name of the list of files that serve a precision, with their checksums."""
    return f"model_{precision}.json"


def export_onnx(folder: Path, *, precision: Precision = "int8") -> Path:
    """Return the ONNX file of a folder of `materialise`, writing it when it is not there yet.

    Raises:
        FolderError: the folder is no whole model folder, is not writable, or its int8 form strays from float32.
    """
    base = read_manifest(folder)
    identity = combine(base.identity, "onnx", f"format {FORMAT}", precision)
    try:
        with FileLock(folder / ".export.lock"):
            name = manifest_file(precision)
            if not is_complete(folder, name=name) or read_manifest(folder, name=name).identity != identity:
                verify(folder)  # or damaged weights would become a model that passes every check
                _write(folder, _model(folder, precision), precision, identity)
    except OSError as error:
        hint = "无法写入语义模型文件夹，请检查磁盘空间和写权限。"
        raise FolderError(f"cannot write {folder.name}: {error}", user_message=hint) from error
    return folder / model_file(precision)


def prepare(root: Path, *, delta: Path | None = None, progress: Progress | None = None) -> Path:
    """Return a folder ready for both encoders: `materialise`, then `export_onnx`; errors are theirs."""
    folder = materialise(root, delta=delta, progress=progress)
    if progress is not None and not (folder / manifest_file("int8")).is_file():
        progress("生成加速模型", 0.9)
    export_onnx(folder)
    return folder


def _write(folder: Path, model: onnx.ModelProto, precision: Precision, identity: str) -> None:
    handle, part = tempfile.mkstemp(prefix=".onnx-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(model.SerializeToString())
        Path(part).chmod(0o644)
        Path(part).replace(folder / model_file(precision))
    finally:
        Path(part).unlink(missing_ok=True)
    names = (model_file(precision), TOKENIZER_FILE, PROMPTS_FILE, LENGTH_FILE)
    write_manifest(folder, identity, read_manifest(folder).identity, names, name=manifest_file(precision))


def _model(folder: Path, precision: Precision) -> onnx.ModelProto:
    state, shape = _read(folder)
    if precision == "fp32":
        return build(state, shape, None)
    rows = token_rows(Tokenizer.from_file(str(folder / TOKENIZER_FILE)))
    divisors, expected = smoothing(state, shape, rows)
    model = build(state, shape, divisors)
    _check(model, rows, expected, folder.name)
    return model


def _read(folder: Path) -> tuple[State, Shape]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
            raise FolderError(f"{folder.name}: only BERT with GELU can be exported, not {config['model_type']}")
        shape = Shape(config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"])
        return load_file(folder / WEIGHTS_FILE), shape
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise FolderError(f"{folder.name}: cannot be read for export: {error}") from error


def _check(model: onnx.ModelProto, rows: list[NDArray[np.int64]], expected: NDArray[np.float32], name: str) -> None:
    runner = session(model.SerializeToString())
    got = [runner.run(None, dict(zip(INPUTS, (ids, np.ones_like(ids)), strict=True)))[0][0] for ids in rows]
    least = float((np.stack(got) * expected).sum(axis=1).min())
    if not least >= _LEAST_COSINE:  # also catches NaN
        raise FolderError(f"{name}: int8 embeddings stray from float32: least cosine {least:.4f}")
