"""A model folder's weights as an ONNX model, checked against float32 where they become int8."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from kb.embedding.calibration import session, smoothing, token_rows
from kb.embedding.errors import FolderError
from kb.embedding.graph import Shape, State, build
from kb.embedding.layout import INPUTS, TOKENIZER_FILE, WEIGHTS_FILE, Precision

_LEAST_COSINE = 0.99  # to float32, on the calibration sentences; below it the weights do not bear int8


def converted(folder: Path, precision: Precision) -> bytes:
    """Return the serialised ONNX model of a whole model folder; raises FolderError as `export_onnx` does."""
    state, shape = _read(folder)
    if precision == "fp32":
        return _serialised(build(state, shape, None))
    rows = token_rows(Tokenizer.from_file(str(folder / TOKENIZER_FILE)))
    divisors, expected = smoothing(state, shape, rows)
    model = _serialised(build(state, shape, divisors))
    _check(model, rows, expected, folder.name)
    return model


def _serialised(model: onnx.ModelProto) -> bytes:
    return bytes(model.SerializeToString())


def _read(folder: Path) -> tuple[State, Shape]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
            raise FolderError(f"{folder.name}: only BERT with GELU can be exported, not {config['model_type']}")
        shape = Shape(config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"])
        return load_file(folder / WEIGHTS_FILE), shape
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise FolderError(f"{folder.name}: cannot be read for export: {error}") from error


def _check(model: bytes, rows: list[NDArray[np.int64]], expected: NDArray[np.float32], name: str) -> None:
    runner = session(model)
    got = [runner.run(None, dict(zip(INPUTS, (ids, np.ones_like(ids)), strict=True)))[0][0] for ids in rows]
    least = float((np.stack(got) * expected).sum(axis=1).min())
    if not least >= _LEAST_COSINE:  # also catches NaN
        raise FolderError(f"{name}: int8 embeddings stray from float32: least cosine {least:.4f}")
