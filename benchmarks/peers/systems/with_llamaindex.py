"""LlamaIndex: ``VectorStoreIndex`` over FAISS, ``BM25Retriever``, both in a ``QueryFusionRetriever`` by reciprocal ranks.

FAISS instead of the default store, which its documentation keeps for experiments. No language model rewrites the
question (``num_queries=1``). Its BM25 takes a run of Chinese for one word by default; ``token_pattern``, the hook it
offers, makes every character a token here, as in the other two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import faiss
from llama_index.core import Document, Settings, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever
from llama_index.vector_stores.faiss import FaissVectorStore

from benchmarks.peers.setup import QUERY_PREFIX, Search, Setup, Text, numbered, unit_of

_DIMENSION = 384
_TOKENS = r"(?u)[\u3400-\u9fff]|[^\W\u3400-\u9fff]+"


def builder(setup: Setup) -> Callable[[Sequence[Text]], None]:
    """Load the model."""
    Settings.embed_model = _model(setup)

    def build(texts: Sequence[Text]) -> None:
        documents = [Document(text=text, id_=name) for name, text in numbered(texts)]
        vectors = FaissVectorStore(faiss_index=faiss.IndexFlatIP(_DIMENSION))
        index = VectorStoreIndex.from_documents(
            documents, storage_context=StorageContext.from_defaults(vector_store=vectors)
        )
        index.storage_context.persist(persist_dir=str(Path(setup.index, "vectors")))
        words = BM25Retriever.from_defaults(
            docstore=index.docstore, similarity_top_k=setup.depth, skip_stemming=True, token_pattern=_TOKENS
        )
        words.persist(str(Path(setup.index, "words")))

    return build


def searches(setup: Setup) -> dict[str, Search]:
    """Load both indexes; the loader of the BM25 retriever forgets its token pattern, so it is put together here."""
    Settings.embed_model = _model(setup)
    folder = str(Path(setup.index, "vectors"))
    vectors = FaissVectorStore.from_persist_dir(folder)
    index = load_index_from_storage(StorageContext.from_defaults(vector_store=vectors, persist_dir=folder))
    dense = index.as_retriever(similarity_top_k=setup.depth)
    words = BM25Retriever(
        existing_bm25=bm25s.BM25.load(str(Path(setup.index, "words")), load_corpus=True),
        similarity_top_k=setup.depth,
        skip_stemming=True,
        token_pattern=_TOKENS,
    )
    hybrid = QueryFusionRetriever(
        [dense, words],
        llm=MockLLM(),
        mode="reciprocal_rerank",
        similarity_top_k=setup.depth,
        num_queries=1,
        use_async=False,  # one question at a time is answered sooner without an event loop
    )
    return {"hybrid": _search(hybrid), "dense": _search(dense)}


def _search(retriever: BaseRetriever) -> Search:
    return lambda question: [unit_of(found.node.ref_doc_id) for found in retriever.retrieve(question)]


def _model(setup: Setup) -> HuggingFaceEmbedding:
    return HuggingFaceEmbedding(
        model_name=setup.model,
        query_instruction=QUERY_PREFIX,
        text_instruction=setup.prefix,
        embed_batch_size=32,  # as in the others; its default of 10 is slower
        device="cpu",
    )
