"""Encode with sentence-transformers: any of its models, by folder or by the name of one already on this machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from kb.embedding.errors import FolderError
from kb.embedding.manifest import MANIFEST, combine, is_complete, read_manifest
from kb.embedding.texts import prepare

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceTransformerEmbedder:
    """An `Embedder` over a sentence-transformers model, on the CPU, in float32.

    Args:
        model: a folder, or a model name found in the local hub cache; nothing is ever downloaded.
        query_prompt: put before each query; None takes the model's own prompt named `query`, else none.
        passage_prompt: put before each passage; None takes the model's own `passage` or `document` prompt, else none.
        batch_size: texts in one forward pass.
        threads: intra-op threads of torch, a setting of the whole process; None leaves it alone.

    Raises:
        FolderError: there is no such model here, or it cannot be loaded.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        batch_size: int = 32,
        threads: int | None = None,
    ) -> None:
        self._model = _load(model, threads)
        own = self._model.prompts
        query, passage = own.get("query") or "", own.get("passage") or own.get("document") or ""
        self._query_prompt = query if query_prompt is None else query_prompt
        self._passage_prompt = passage if passage_prompt is None else passage_prompt
        self._batch_size = batch_size
        self.name = Path(model).name
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.digest = self._digest(Path(model))

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, in the order of `texts`."""
        return self._encode(texts, self._query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, in the order of `texts`."""
        return self._encode(texts, self._passage_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        vectors = self._model.encode(  # sorts by length itself
            [prepare(text, prompt) for text in texts],
            prompt="",  # already there; an empty prompt keeps the model's default prompt away
            batch_size=self._batch_size,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
        )
        return np.ascontiguousarray(vectors, np.float32)

    def _digest(self, folder: Path) -> str:
        if (folder / MANIFEST).is_file():
            identity = read_manifest(folder).identity
        else:
            content = hashlib.sha256(repr(sorted(self._model.tokenizer.get_vocab().items())).encode())
            for name, tensor in sorted(self._model.state_dict().items()):
                content.update(name.encode())
                content.update(tensor.detach().contiguous().numpy().tobytes())
            identity = content.hexdigest()
        return combine("torch", identity, self._query_prompt, self._passage_prompt)


def offline() -> None:
    """Keep the hub library from the network; it reads this once, when it is imported."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ[variable] = "1"


def _load(model: str | Path, threads: int | None) -> SentenceTransformer:
    folder = Path(model)
    if (folder / MANIFEST).is_file() and not is_complete(folder):
        raise FolderError(f"{folder.name}: files are missing or cut short")
    offline()
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    if threads is not None:
        torch.set_num_threads(threads)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    try:
        return SentenceTransformer(str(model), device="cpu", local_files_only=True, model_kwargs={"dtype": "float32"})
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        hint = f"找不到或无法打开语义模型“{model}”，请检查名称，或先把模型文件放到本机。"
        raise FolderError(f"cannot load {model}: {error}", user_message=hint) from error
