"""Fixtures for every folder of tests: the tiny corpus, and an index over it that no test may change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fakes import FakeEmbedder, embed_rows, index_of, write_corpus
from hypothesis import settings

from kb.build import build
from kb.corpus import Corpus, load_corpus
from kb.dense import Vectors
from kb.index import Index
from kb.paths import shipped_corpus
from kb.query import Analyzer
from kb.store import Store, Version
from kb.units import Layout, lay_out
from kb.workspace import Workspace

# No timing assertions: the machine may be busy with something else.
settings.register_profile("zhida", deadline=None)
settings.load_profile("zhida")


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
def shipped_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the shipped corpus built by the real model, once for the session; no test may change it."""
    store = tmp_path_factory.mktemp("shipped") / "store"
    Workspace(shipped_corpus(), store, threads=os.cpu_count() or 1).build()
    return store
