"""A store with its corpus on disk, for tests that build again and again."""

from pathlib import Path

import numpy as np
from fakes import FakeEmbedder, entries, write_corpus

from kb.build import build
from kb.corpus import load_corpus
from kb.store import Store, Version


class Shop:
    """A store with its corpus on disk, built again and again."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "store")
        self.folder = folder / "corpus"
        self.rows = entries()

    def build(self, embedder: FakeEmbedder, **options: bool) -> Version:
        return build(load_corpus(write_corpus(self.folder, self.rows)), embedder, self.store, **options)


def index_vectors(version: Version) -> np.ndarray:
    return version.dense().vectors()
