"""Texts to vectors: one encoder from a PyPI package, materialised once, run by torch or onnxruntime.

::

    embedder = open_packaged(default_root())      # serving: builds or finds the model folder, with its int8 form
    embedder = SentenceTransformerEmbedder(name)  # any sentence-transformers model that is on this machine
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.embedding.delta import layers_of, write_delta
from kb.embedding.export import export_onnx, prepare
from kb.embedding.folder import default_root, materialise
from kb.embedding.gathering import GatheringEmbedder
from kb.embedding.manifest import verify
from kb.embedding.onnx_encoder import OnnxEmbedder
from kb.embedding.opening import open_packaged
from kb.embedding.torch_encoder import SentenceTransformerEmbedder

__all__ = [
    "Embedder",
    "GatheringEmbedder",
    "OnnxEmbedder",
    "SentenceTransformerEmbedder",
    "default_root",
    "export_onnx",
    "layers_of",
    "materialise",
    "open_packaged",
    "prepare",
    "verify",
    "write_delta",
]


class Embedder(Protocol):
    """Turns texts into unit vectors, so that an inner product is a cosine.

    Attributes:
        name: for people and logs.
        dimension: the length of a vector.
        digest: sha256 hex of what decides the vectors: weights, tokenizer, prompts and number format. An index built
            under one digest must not be searched under another.
    """

    name: str
    dimension: int
    digest: str

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) float32, L2-normalised rows in the order of `texts`; n = 0 is allowed."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) float32, L2-normalised rows in the order of `texts`; n = 0 is allowed."""
        ...
