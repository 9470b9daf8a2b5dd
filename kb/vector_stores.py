"""Chooses where vectors are kept, by an address."""

from __future__ import annotations

from kb.errors import UsageError
from kb.vectors import FolderVectors, VectorStore


def vector_store(url: str = "") -> VectorStore:
    """Choose by address: none keeps vectors with the version, ``http://host:19530`` and the like are Milvus.

    Raises:
        UsageError: the address is of no kind we know, or what it needs is not installed.
    """
    if not url:
        return FolderVectors()
    try:
        from kb.milvus import MilvusVectors  # an extra, and seconds to import: only for who names such an address
    except ImportError as error:
        raise UsageError(
            f"pymilvus is not installed: {error}",
            user_message="没有安装 Milvus 的客户端，请运行 pip install 'zhida[milvus]'，或者不写 --vectors。",
        ) from error
    return MilvusVectors(url)
