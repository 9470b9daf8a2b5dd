"""Haystack: in-memory store, Sentence Transformers embedders, BM25 and embedding retrievers joined by reciprocal ranks.

Its BM25 makes every Chinese character a token by default; the tokeniser is a regular expression, so no word segmenter
can be plugged in. The tutorial ends with a cross-encoder from a hub; there is none here for any system.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from benchmarks.peers.setup import QUERY_PREFIX, Search, Setup, Text, numbered, unit_of

_FILE = "store.json"


def builder(setup: Setup) -> Callable[[Sequence[Text]], None]:
    """Load the model."""
    embedder = SentenceTransformersDocumentEmbedder(model=setup.model, prefix=setup.prefix, progress_bar=False)
    embedder.warm_up()
    store = InMemoryDocumentStore()

    def build(texts: Sequence[Text]) -> None:
        documents = [Document(id=name, content=text) for name, text in numbered(texts)]
        store.write_documents(embedder.run(documents)["documents"])
        Path(setup.index).mkdir(parents=True, exist_ok=True)
        store.save_to_disk(str(Path(setup.index, _FILE)))

    return build


def searches(setup: Setup) -> dict[str, Search]:
    """Load the store and put the pipelines together."""
    store = InMemoryDocumentStore.load_from_disk(str(Path(setup.index, _FILE)))
    dense = _with_embeddings(setup, store)
    hybrid = _with_embeddings(setup, store)
    hybrid.add_component("bm25", InMemoryBM25Retriever(store, top_k=setup.depth))
    hybrid.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    hybrid.connect("bm25", "joiner")
    hybrid.connect("retriever", "joiner")

    def search_hybrid(question: str) -> list[str]:
        found = hybrid.run({"embedder": {"text": question}, "bm25": {"query": question}})
        return [unit_of(document.id) for document in found["joiner"]["documents"]]

    def search_dense(question: str) -> list[str]:
        found = dense.run({"embedder": {"text": question}})
        return [unit_of(document.id) for document in found["retriever"]["documents"]]

    return {"hybrid": search_hybrid, "dense": search_dense}


def _with_embeddings(setup: Setup, store: InMemoryDocumentStore) -> Pipeline:
    embedder = SentenceTransformersTextEmbedder(model=setup.model, prefix=QUERY_PREFIX, progress_bar=False)
    pipeline = Pipeline()
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=setup.depth))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")
    return pipeline
