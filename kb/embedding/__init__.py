"""Texts to vectors: one encoder from a PyPI package, materialised once, run by torch or onnxruntime.

::

    embedder = open_packaged(default_root())      # serving: builds or finds the model folder, with its int8 form
    embedder = SentenceTransformerEmbedder(name)  # any sentence-transformers model that is on this machine
"""

from __future__ import annotations

from kb.embedding.contract import Embedder
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
