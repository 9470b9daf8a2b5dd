"""Vectors in Milvus, which many machines share: one collection for each version."""

from kb.milvus.index import MilvusIndex, Where
from kb.milvus.store import MilvusVectors

__all__ = ["MilvusIndex", "MilvusVectors", "Where"]
