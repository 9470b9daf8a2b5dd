"""Encode with onnxruntime: the serving path, without torch or transformers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from kb.embedding.errors import FolderError
from kb.embedding.export import Precision, manifest_file, model_file
from kb.embedding.graph import INPUTS
from kb.embedding.layout import LENGTH_FILE, PROMPTS_FILE, TOKENIZER_FILE
from kb.embedding.manifest import verify
from kb.embedding.texts import batches, prepare

_WARNINGS_OFF = 3  # onnxruntime's severity: errors only


class OnnxEmbedder:
    """An `Embedder` over the ONNX file that `export_onnx` wrote into a model folder. Safe to share between threads.

    Args:
        folder: a folder of `materialise` after `export_onnx`.
        precision: which ONNX file: `int8` (serving) or `fp32`.
        threads: intra-op threads; 1 serves the most questions a second, 2 or more shorten a single one.
        batch_size: texts in one pass. In int8 the texts of a pass share activation scales, so a text's vector depends a
            little on its neighbours (cosine ≥ 0.999); with batch_size 1 it does not.

    Raises:
        FolderError: the folder lacks the file, or a checksum differs.
    """

    def __init__(self, folder: Path, *, precision: Precision = "int8", threads: int = 1, batch_size: int = 32) -> None:
        manifest = verify(folder, name=manifest_file(precision))
        self._tokenizer, self._prompts = _text_side(folder)
        self._session = _session(folder / model_file(precision), threads)
        self._batch_size = batch_size
        self.name = f"{folder.name}-{precision}"
        self.dimension = int(self._session.get_outputs()[0].shape[1])
        self.digest = manifest.identity

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, in the order of `texts`."""
        return self._encode(texts, self._prompts["query"])

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, in the order of `texts`."""
        return self._encode(texts, self._prompts["passage"])

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        if len(texts) == 1:  # a question being served: no padding, no sorting
            ids = np.array([self._tokenizer.encode(prepare(texts[0], prompt)).ids], np.int64)
            return self._run(ids, np.ones_like(ids))
        encodings = self._tokenizer.encode_batch_fast([prepare(text, prompt) for text in texts])
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for batch in batches([len(encoding.ids) for encoding in encodings], self._batch_size):
            vectors[batch] = self._run(*_pad([encodings[i] for i in batch]))
        return vectors

    def _run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._session.run(None, {INPUTS[0]: ids, INPUTS[1]: mask})[0]
        return vectors


def _pad(encodings: Sequence[Encoding]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and mask, (n, longest); what stands in the padding is masked, so zeros will do."""
    longest = max(len(encoding.ids) for encoding in encodings)
    ids = np.zeros((len(encodings), longest), np.int64)
    mask = np.zeros_like(ids)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    return ids, mask


def _text_side(folder: Path) -> tuple[Tokenizer, dict[str, str]]:
    try:
        tokenizer = Tokenizer.from_str((folder / TOKENIZER_FILE).read_text(encoding="utf-8"))
        tokenizer.enable_truncation(json.loads((folder / LENGTH_FILE).read_text(encoding="utf-8"))["max_seq_length"])
        prompts: dict[str, str] = json.loads((folder / PROMPTS_FILE).read_text(encoding="utf-8"))["prompts"]
    except (OSError, ValueError, KeyError) as error:
        raise FolderError(f"{folder.name}: cannot read its tokenizer or settings: {error}") from error
    return tokenizer, prompts


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _WARNINGS_OFF
    # The graph is already fused where that pays; the extended level would fuse additions into slower layer norms.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
