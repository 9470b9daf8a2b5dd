"""Fixtures for every folder of tests: the tiny corpus, and an index over it that no test may change."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import FakeEmbedder, bare_table, embed_rows, index_of, write_corpus
from hypothesis import settings
from postgres import postgres

from kb.build import build
from kb.corpus import Corpus, corpus_digest, load_corpus
from kb.dense import Vectors
from kb.index import Index
from kb.paths import shipped_corpus
from kb.query import Analyzer
from kb.store import Store, Version
from kb.units import Layout, lay_out
from kb.workspace import Workspace

if TYPE_CHECKING:
    from kb.milvus import MilvusIndex
    from kb.milvus.client import Milvus

__all__ = ["postgres"]

# No timing assertions: the machine may be busy with something else. The same examples in every run: whether a change
# is sound must not hang on luck. `pytest --hypothesis-profile anew` draws others.
settings.register_profile("zhida", deadline=None, derandomize=True)
settings.register_profile("anew", deadline=None)
settings.load_profile("zhida")


@pytest.fixture(scope="session", autouse=True)
def _shipped_corpus_is_left_alone() -> Iterator[None]:
    """A command that is not told which corpus works on the shipped one: no test may."""
    before = corpus_digest(shipped_corpus())
    yield
    assert corpus_digest(shipped_corpus()) == before, "a test has changed the shipped corpus"


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("tiny") / "corpus")


@pytest.fixture(scope="session")
def tiny_corpus(tiny_folder: Path) -> Corpus:
    return load_corpus(tiny_folder)


@pytest.fixture(scope="session")
def tiny_analyzer(tiny_corpus: Corpus) -> Analyzer:
    return Analyzer(tiny_corpus.lexicon)


@pytest.fixture(scope="session")
def tiny_layout(tiny_corpus: Corpus) -> Layout:
    return lay_out(tiny_corpus)


@pytest.fixture(scope="session")
def tiny_vectors(tiny_layout: Layout) -> Vectors:
    return embed_rows(tiny_layout)


@pytest.fixture(scope="session")
def tiny_index(tiny_layout: Layout, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> Index:
    return index_of(tiny_layout, tiny_vectors, tiny_analyzer)


@pytest.fixture(scope="session")
def tiny_version(tiny_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Version:
    return build(tiny_corpus, FakeEmbedder(), Store(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="session")
def milvus_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a Milvus Lite that runs in this process."""
    if find_spec("pymilvus") is None or find_spec("milvus_lite") is None:
        missing = "没有 Milvus Lite，请运行 make setup-test"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return str(tmp_path_factory.mktemp("milvus") / "lite.db")


@pytest.fixture(scope="session")
def milvus(milvus_url: str) -> Milvus:
    from kb.milvus.address import parse_address
    from kb.milvus.client import Milvus

    return Milvus(parse_address(milvus_url))


@pytest.fixture(scope="session")
def milvus_index(milvus: Milvus) -> Callable[[Vectors], MilvusIndex]:
    """Puts vectors into a collection; the same vectors into the same one, for making one takes a second."""
    from kb.milvus import MilvusIndex

    def index(vectors: Vectors) -> MilvusIndex:
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        name = f"test_{hashlib.sha256(vectors.tobytes()).hexdigest()}"
        if not milvus.has(name):
            milvus.write(name, bare_table(vectors))
        return MilvusIndex(milvus, name)

    return index


@pytest.fixture(scope="session")
def shipped_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the shipped corpus built by the real model, once for the session; no test may change it."""
    store = tmp_path_factory.mktemp("shipped") / "store"
    Workspace(shipped_corpus(), store, threads=os.cpu_count() or 1).build()
    return store
