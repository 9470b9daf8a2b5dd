"""Question → ranked entries: the one searcher behind chat, staff search, API and evaluation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from kb.dense import Vectors
from kb.embedding import Embedder
from kb.errors import StaleError, StoreError
from kb.features import NAMES, Candidates, candidates, candidates_within
from kb.index import Index, load_index
from kb.memory import Memory
from kb.query import Analyzer, Query
from kb.ranking import Ranked, Ranker, rank
from kb.records import Hit
from kb.romanised import Listener
from kb.store import Version
from kb.text import normalise
from kb.units import UnitKind
from kb.unseen import unseen
from kb.within import rank_within

_BATCH = 256
# One reply may look for the same question again, once as part of a message and once as all of it.
_OWN_MEMORY = 16


@dataclass(frozen=True, slots=True)
class Found:
    """What a search says of one question.

    Attributes:
        query: the question as understood.
        hits: knowledge units, best first.
        answerable: probability that some entry or section answers it.
        boundaries: expected decision → probability that it is called for ("none": nothing known fits).
        kinds: expected decision → its likeliest kind; "" where no kind is likely.
        vector: (d,) the question as the model sees it; None where it was not kept.
    """

    query: Query
    hits: tuple[Hit, ...]
    answerable: float
    boundaries: Mapping[str, float]
    kinds: Mapping[str, str]
    vector: Vectors | None = field(default=None, compare=False, repr=False)


class Searcher:
    """Searches one open version of the index.

    Args:
        index, ranker: from the version.
        analyzer: built on the lexicon the index was built with.
        embedder: the model the index was built with.
    """

    def __init__(self, index: Index, ranker: Ranker, analyzer: Analyzer, embedder: Embedder) -> None:
        self.index = index
        self.ranker = ranker
        self.analyzer = Listener(analyzer, index.wording)
        self._embedder = embedder
        self._memory = Memory[Found](_OWN_MEMORY)

    @classmethod
    def open(cls, version: Version, analyzer: Analyzer, embedder: Embedder) -> Searcher:
        """Open a version.

        Raises:
            StaleError: the index was built with another model.
            StoreError: a file is damaged.
        """
        model, ranker = version.manifest.get("model"), version.manifest.get("ranker")
        if not isinstance(model, dict) or model.get("digest") != embedder.digest:
            raise StaleError(
                "index and model differ", user_message="索引与当前语义模型不一致，请运行 zhida build 重建索引。"
            )
        if not isinstance(ranker, dict):
            raise StaleError("manifest without a ranker", user_message="索引缺少排序模型，请运行 zhida build 重建。")
        try:
            fitted = Ranker.from_json(ranker)
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(
                f"bad ranker in the manifest: {error}", user_message="索引的排序模型读不懂，请运行 zhida build 重建。"
            ) from error
        return cls(load_index(version.folder, version.dense()), fitted, analyzer, embedder)

    @cached_property
    def subject(self) -> str:
        """The product that the knowledge is mostly about; "" where there is none such."""
        return self.index.commonest("product")

    @property
    def model(self) -> str:
        """Digest of the model that vectors are of."""
        return self._embedder.digest

    def means(self, names: Sequence[str]) -> Vectors:
        """The mean vectors of the forms of entries, or of the texts of sections: (n, d); zeros for an unknown id."""
        places = np.array([self._places.get(name, -1) for name in names], dtype=np.int64)
        means = self.index.centroids[places]
        means[places < 0] = 0
        return means

    @cached_property
    def _places(self) -> dict[str, int]:
        return {unit.id: place for place, unit in enumerate(self.index.units) if unit.kind is not UnitKind.BOUNDARY}

    def remembering(self, memory: Memory[Found]) -> Searcher:
        """Return a searcher of the same version that looks into another memory than its own small one.

        One memory serves one version, so that what a publish makes untrue is gone with the version it was found in.
        """
        twin = copy(self)
        twin._memory = memory
        return twin

    def search(self, question: str, k: int = 10) -> Found:
        """Rank the knowledge for one question of any text."""
        # All that is found follows from the normal form.
        return self._memory.get((normalise(question), k), lambda: self.search_anew(question, k))

    def search_within(self, question: str, wanted: Collection[str], k: int = 10) -> Found:
        """Rank some of the knowledge, down to what fits the question badly; nothing is looked for in the memory.

        Args:
            question: any text.
            wanted: ids of entries and sections.
            k: how many hits.
        """
        index, query = self.index, self.analyzer.analyse(question)
        among = np.array([unit.id in wanted and unit.kind is not UnitKind.BOUNDARY for unit in index.units], dtype=bool)
        vector = self._embedder.encode_queries([query.text])[0]
        found, more = candidates_within(index, query, vector, among)
        return self._told(query, rank_within(self.ranker, index.units, found, more, among, index.vetoed(query.key)), k)

    def search_anew(self, question: str, k: int = 10) -> Found:
        """Rank the knowledge for one question, whatever is remembered; what a health check calls."""
        query = self.analyzer.analyse(question)
        return self._found(query, self._embedder.encode_queries([query.text])[0], k)

    def vectors(self, questions: Sequence[str]) -> Vectors:
        """Embed questions as they are searched for: (n, d), L2-normalised, in their order."""
        texts = [self.analyzer.analyse(question).text for question in questions]
        return self._embedder.encode_queries(texts)

    def search_many(self, questions: Sequence[str], k: int = 10) -> list[Found]:
        """Rank for many questions, embedding them in batches."""
        queries = [self.analyzer.analyse(question) for question in questions]
        found: list[Found] = []
        for start in range(0, len(queries), _BATCH):
            batch = queries[start : start + _BATCH]
            vectors = self._embedder.encode_queries([query.text for query in batch])
            found.extend(self._found(query, vector, k) for query, vector in zip(batch, vectors, strict=True))
        return found

    def search_unseen(self, rows: Sequence[int], k: int = 10) -> list[Found]:
        """Rank for texts of the index, each as if it did not stand there: what a stranger with these words would find."""
        queries = [self.analyzer.analyse(self.index.rows[row].text) for row in rows]
        vectors = self._embedder.encode_queries([query.text for query in queries])
        return [
            self._ranked(query, unseen(self.index, query, vector, row), k)
            for query, vector, row in zip(queries, vectors, rows, strict=True)
        ]

    def _found(self, query: Query, vector: Vectors, k: int) -> Found:
        return replace(self._ranked(query, candidates(self.index, query, vector), k), vector=vector)

    def _ranked(self, query: Query, found: Candidates, k: int) -> Found:
        return self._told(query, rank(self.ranker, self.index.units, found, self.index.vetoed(query.key)), k)

    def _told(self, query: Query, ranked: Ranked, k: int) -> Found:
        return Found(query, tuple(self._hits(ranked, k)), ranked.answerable, ranked.boundaries, ranked.kinds)

    def _hits(self, ranked: Ranked, k: int) -> list[Hit]:
        index = self.index
        return [
            Hit(
                entry=index.units[unit].id,
                probability=round(probability, 6),
                facts=index.units[unit].facts,
                form=index.columns.texts[row] if row >= 0 else index.units[unit].label,
                features=dict(zip(NAMES, values, strict=True)),
            )
            for unit, probability, row, values in zip(
                ranked.units[:k].tolist(),
                ranked.probabilities[:k].tolist(),
                ranked.rows[:k].tolist(),
                ranked.values[:k].tolist(),
                strict=True,
            )
        ]
