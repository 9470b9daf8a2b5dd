"""Encode with onnxruntime: the serving path, without torch or transformers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from kb.embedding.errors import FolderError
from kb.embedding.export import manifest_file, model_file, words_file
from kb.embedding.layout import INPUTS, LENGTH_FILE, PROMPTS_FILE, TOKENIZER_FILE, WORDS, Precision
from kb.embedding.manifest import verify
from kb.embedding.pace import Pace
from kb.embedding.texts import batches, prepare

_WARNINGS_OFF = 3  # onnxruntime's severity: errors only
# Of one pass: those of more no longer fit the cache of a core (1 MB), fewer do not fill its units. Measured, in texts a
# second of processor time: 64 tokens 229, 192 tokens 267, 512 tokens 253, one text at a time 186.
_PASS_TOKENS = 192


class OnnxEmbedder:
    """An `Embedder` over the ONNX file that `export_onnx` wrote into a model folder. Safe to share between threads.

    Args:
        folder: a folder of `materialise` after `export_onnx`.
        precision: which ONNX file: `int8` (serving) or `fp32`.
        threads: how many cores to take: many texts are embedded in as many passes at a time, each on one core; a pass over
            one text is split between them where that is quicker. Between its products, microseconds apart, the other
            cores' threads spin: of 20 tokens, two cores take 2.2 ms so and one core alone 3.3, but while other
            processes take a core, twice as long as one core alone.
        batch_size: texts in one pass at most. In int8 the texts of a pass share activation scales, so a text's vector
            depends a little on its neighbours (cosine ≥ 0.999); with batch_size 1 it does not.

    Raises:
        FolderError: the folder lacks the file, or a checksum differs.
    """

    def __init__(self, folder: Path, *, precision: Precision = "int8", threads: int = 1, batch_size: int = 32) -> None:
        manifest = verify(folder, name=manifest_file(precision))
        self._tokenizer, self._prompts = _text_side(folder)
        self._file = folder / model_file(precision)
        self._words = _words(folder / words_file(precision))
        self._session = _session(self._file, self._words, threads)
        self._single = self._session if threads == 1 else None
        self._opening = threading.Lock()
        self._pace = Pace(1 if threads == 1 else 2)
        self._threads = threads
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
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        if len(texts) == 1:  # a question being served: no padding, no sorting
            return self._encode_one(self._ids(texts[0], prompt))
        encodings = self._tokenizer.encode_batch_fast([prepare(text, prompt) for text in texts])
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        passes = list(batches([len(encoding.ids) for encoding in encodings], self._batch_size, _PASS_TOKENS))
        session = self._one_core()

        def embed(batch: list[int]) -> None:
            vectors[batch] = _run(session, *_pad([encodings[i] for i in batch]))

        if self._threads > 1 and len(passes) > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(embed, passes))  # the list brings errors out
        else:
            for batch in passes:
                embed(batch)
        return vectors

    def _encode_one(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        way = self._pace.way()
        session = self._one_core() if way else self._session
        started = time.perf_counter()
        vectors = _run(session, ids, np.ones_like(ids))
        self._pace.took(way, (time.perf_counter() - started) / ids.shape[1])
        return vectors

    def _ids(self, text: str, prompt: str) -> NDArray[np.int64]:
        return np.array([self._tokenizer.encode(prepare(text, prompt)).ids], np.int64)

    def _one_core(self) -> onnxruntime.InferenceSession:
        """For passes over several texts; opened by the first, since a process that asks one question has none."""
        with self._opening:
            if self._single is None:
                self._single = _session(self._file, self._words, 1)
            return self._single


def _run(session: onnxruntime.InferenceSession, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    vectors: NDArray[np.float32] = session.run(None, {INPUTS[0]: ids, INPUTS[1]: mask})[0]
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
        tokenizer = Tokenizer.from_buffer((folder / TOKENIZER_FILE).read_bytes())
        tokenizer.enable_truncation(json.loads((folder / LENGTH_FILE).read_text(encoding="utf-8"))["max_seq_length"])
        prompts: dict[str, str] = json.loads((folder / PROMPTS_FILE).read_text(encoding="utf-8"))["prompts"]
    except (OSError, ValueError, KeyError) as error:
        raise FolderError(f"{folder.name}: cannot read its tokenizer or settings: {error}") from error
    return tokenizer, prompts


def _words(path: Path) -> onnxruntime.OrtValue:
    """Read the largest of the weights once for all sessions; not mapped, since who maps a file that is cut off dies."""
    try:
        return onnxruntime.OrtValue.ortvalue_from_numpy(np.load(path))
    except (OSError, ValueError) as error:
        raise FolderError(f"{path.parent.name}: cannot read its word embeddings: {error}") from error


def _session(path: Path, words: onnxruntime.OrtValue, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _WARNINGS_OFF
    # Threads spin within a pass only; a question in between is not in their way.
    options.add_initializer(WORDS, words)
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    # The graph is already fused where that pays; the extended level would fuse additions into slower layer norms.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
