"""Lexical search: BM25 over numbered terms (Robertson & Zaragoza 2009, Lucene's variant), scored when it is built.

Each term has its postings: the rows that hold it and what it adds to their scores. A term that a large part of the rows
holds has a score for every row instead: adding whole arrays is several times as fast as adding at places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.columnar.arrays import map_arrays, write_arrays
from kb.columnar.coded import Coded
from kb.columnar.ragged import Ragged, starts_of
from kb.columnar.texts import Vocabulary
from kb.errors import StoreError

_FILE = "bm25.safetensors"
_K1, _B = 1.5, 0.75
# Terms that more than this share of the rows hold; their arrays take at most twice the room of postings.
_COMMON = 0.25

Scores = NDArray[np.float32]


class LexicalIndex:
    """BM25 scores of rows given as lists of terms.

    Args:
        vocabulary: of the terms.
        postings: rows of each term; none for a common one.
        weights: what each posting adds to the score of its row.
        common: (terms,) place of a term in ``whole``, -1 for one with postings.
        whole: (common terms, rows) what each common term adds to the score of each row.
    """

    def __init__(
        self, vocabulary: Vocabulary, postings: Ragged, weights: Scores, common: NDArray[np.int32], whole: Scores
    ) -> None:
        self._vocabulary = vocabulary
        self._postings = postings
        self._weights = weights
        self._common = common
        self._whole = whole

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> LexicalIndex:
        """Index documents; an empty document is kept and never found."""
        return cls.of(Coded.of(documents), np.zeros(len(documents), dtype=bool))

    @classmethod
    def of(cls, terms: Coded, silent: NDArray[np.bool_]) -> LexicalIndex:
        """Index numbered terms; a silent row counts as an empty document."""
        size, kinds = len(terms.ids), len(terms.vocabulary)
        owners = terms.ids.owners()
        heard = ~silent[owners]
        owners, ids = owners[heard], terms.ids.values[heard].astype(np.int64)
        lengths = np.maximum(np.bincount(owners, minlength=size), 1)
        pairs, times = np.unique(ids * max(size, 1) + owners, return_counts=True)
        term, row = np.divmod(pairs, max(size, 1))
        holders = np.bincount(term, minlength=kinds)
        idf = np.log(1 + (size - holders + 0.5) / (holders + 0.5))
        damped = _K1 * (1 - _B + _B * lengths / lengths.mean()) if size else lengths
        weights = (idf[term] * times / (times + damped[row])).astype(np.float32)
        often = np.flatnonzero(holders > _COMMON * size)
        common = np.full(kinds, -1, dtype=np.int32)
        common[often] = np.arange(len(often))
        whole = np.zeros((len(often), size), dtype=np.float32)
        dense = common[term] >= 0
        whole[common[term[dense]], row[dense]] = weights[dense]
        postings = Ragged(row[~dense].astype(np.int32), starts_of(np.where(common < 0, holders, 0)))
        return cls(terms.vocabulary, postings, weights[~dense], common, whole)

    def scores(self, terms: Sequence[str]) -> Scores:
        """Scores of all rows, shape (rows,); 0 where no term is shared."""
        return self.scores_of(self._vocabulary.ids(terms))

    def scores_of(self, ids: NDArray[np.int64]) -> Scores:
        """Scores of all rows for numbered terms; -1 is a term that no row holds."""
        scores = np.zeros(self._whole.shape[1], dtype=np.float32)
        for term, times in Counter(ids[ids >= 0].tolist()).items():
            place = self._common[term]
            if place >= 0:
                scores += self._whole[place] if times == 1 else self._whole[place] * np.float32(times)
            else:
                start, end = self._postings.starts[term : term + 2]
                weights = self._weights[start:end]
                scores[self._postings.values[start:end]] += weights if times == 1 else weights * np.float32(times)
        return scores

    def numbers(self, terms: Sequence[str]) -> dict[int, float]:
        """Count each known term by its number: times :meth:`weights`, that is the score."""
        ids = self._vocabulary.ids(terms)
        return {int(term): float(times) for term, times in Counter(ids[ids >= 0].tolist()).items()}

    def weights(self) -> list[dict[int, float]]:
        """Weight of each term in each row, by the term's number; a row that nothing finds has none."""
        held: list[dict[int, float]] = [{} for _ in range(self._whole.shape[1])]
        common = np.flatnonzero(self._common >= 0)
        places, rows = np.nonzero(self._whole[self._common[common]])
        for terms, owners, weights in (
            (self._postings.owners(), self._postings.values, self._weights),
            (common[places], rows, self._whole[self._common[common]][places, rows]),
        ):
            for term, row, weight in zip(terms.tolist(), owners.tolist(), weights.tolist(), strict=True):
                held[row][term] = weight
        return held

    def save(self, folder: Path) -> None:
        """Write plain arrays into ``folder``; the vocabulary is kept with the rows."""
        arrays = {
            "rows": self._postings.values,
            "starts": self._postings.starts,
            "weights": self._weights,
            "common": self._common,
            "whole": self._whole,
        }
        write_arrays(folder / _FILE, arrays)

    @classmethod
    def load(cls, folder: Path, vocabulary: Vocabulary) -> LexicalIndex:
        """Open what :meth:`save` wrote.

        Raises:
            StoreError: the file is missing or damaged.
        """
        try:
            kept = map_arrays(folder / _FILE)
            postings = Ragged(kept["rows"], kept["starts"])
            return cls(vocabulary, postings, kept["weights"], kept["common"], kept["whole"])
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(
                f"cannot open the lexical index in {folder}: {error}",
                user_message="关键词索引损坏或缺失，请运行 zhida build 重建。",
            ) from error
