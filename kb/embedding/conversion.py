"""A model folder's weights as an ONNX model, checked against float32 where they become int8."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.external_data_helper import set_external_data
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from kb.embedding.calibration import session, smoothing, token_rows
from kb.embedding.errors import FolderError
from kb.embedding.graph import Shape, State, build
from kb.embedding.layout import INPUTS, TOKENIZER_FILE, WEIGHTS_FILE, WORDS, Precision

_LEAST_COSINE = 0.99  # to float32, on the calibration sentences; below it the weights do not bear int8


@dataclass(frozen=True, slots=True)
class Converted:
    """The bytes of two files: the ONNX model, and the array (.npy) of its word embeddings, which sessions share."""

    model: bytes
    words: bytes


def converted(folder: Path, precision: Precision, words_file: str) -> Converted:
    """Return the ONNX form of a whole model folder.

    Args:
        folder: one of `materialise`.
        precision: of products and word embeddings.
        words_file: the name under which the model is to find its word embeddings, in the folder that it lies in.

    Raises:
        FolderError: as `export_onnx` does.
    """
    state, shape = _read(folder)
    if precision == "fp32":
        return _apart(build(state, shape, None), words_file)
    rows = token_rows(Tokenizer.from_file(str(folder / TOKENIZER_FILE)))
    divisors, expected = smoothing(state, shape, rows)
    model = build(state, shape, divisors)
    _check(model, rows, expected, folder.name)
    return _apart(model, words_file)


def _apart(model: onnx.ModelProto, words_file: str) -> Converted:
    (words,) = (tensor for tensor in model.graph.initializer if tensor.name == WORDS)
    file = io.BytesIO()
    np.save(file, numpy_helper.to_array(words))
    length = len(words.raw_data)
    set_external_data(words, words_file, offset=file.tell() - length, length=length)
    words.ClearField("raw_data")
    return Converted(bytes(model.SerializeToString()), file.getvalue())


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
