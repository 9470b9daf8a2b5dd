"""Lexical search: BM25 over our own terms (Robertson & Zaragoza 2009, Lucene's variant). bm25s is imported only here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from kb.arrays import read_arrays
from kb.errors import StoreError

_ARRAYS = "bm25.npz"
_VOCABULARY = "bm25.vocabulary.json"


class LexicalIndex:
    """BM25 scores of documents given as lists of terms."""

    def __init__(self, model: bm25s.BM25, size: int) -> None:
        self._model = model
        self._size = size

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> LexicalIndex:
        """Index documents; an empty document is kept and never found."""
        model = bm25s.BM25(method="lucene")
        # bm25s wants at least one term overall; the sentinel is no term that a tokenizer yields.
        model.index([[*terms] or ["\0"] for terms in documents] or [["\0"]], show_progress=False)
        return cls(model, len(documents))

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Scores of all documents, shape (size,); 0 where no term is shared."""
        known = [term for term in terms if term in self._model.vocab_dict]
        if not known or not self._size:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._model.get_scores(known), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write plain arrays and a JSON vocabulary into ``folder``."""
        scores = self._model.scores
        arrays = {name: scores[name] for name in ("data", "indices", "indptr")}
        np.savez(folder / _ARRAYS, **arrays, size=np.int64(self._size), num_docs=np.int64(scores["num_docs"]))
        (folder / _VOCABULARY).write_text(json.dumps(self._model.vocab_dict, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what :meth:`save` wrote.

        Raises:
            StoreError: a file is missing or damaged.
        """
        try:
            kept = read_arrays(folder / _ARRAYS)
            vocabulary = json.loads((folder / _VOCABULARY).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(
                f"cannot open the lexical index in {folder}: {error}",
                user_message="关键词索引损坏或缺失，请运行 zhida build 重建。",
            ) from error
        model = bm25s.BM25(method="lucene")
        model.scores = {name: kept[name] for name in ("data", "indices", "indptr")}
        model.scores["num_docs"] = int(kept["num_docs"])
        model.vocab_dict = vocabulary
        model.nonoccurrence_array = None  # Lucene's variant gives absent terms no score
        return cls(model, int(kept["size"]))
