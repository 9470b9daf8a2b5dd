"""Corpus → version in the store: lay out, embed what is new, index, fit, seal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kb.calibrate import fit_ranker
from kb.corpus import Corpus
from kb.dense import FaissIndex, Vectors
from kb.embedding import Embedder
from kb.errors import StoreError
from kb.index import build_index, load_index, save_index
from kb.query import Analyzer
from kb.ranking import Ranker
from kb.snapshot import knowledge_of, save_knowledge
from kb.store import Store, Version
from kb.units import Layout, Role, Row, UnitKind, lay_out

Progress = Callable[[str, float], None]
_DEFAULT_RANKER = Path(__file__).with_name("default_ranker.json")
_BATCH = 512


def build(
    corpus: Corpus,
    embedder: Embedder,
    store: Store,
    *,
    unseen: Callable[[str], bool] | None = None,
    progress: Progress | None = None,
    switch: bool = True,
) -> Version:
    """Build a version of the index; texts that the current version already holds are not embedded again.

    Args:
        corpus: what to index.
        embedder: the model; its digest goes into the manifest.
        store: where to.
        unseen: tells whether a text was held out of the model's training on this corpus, None if not adapted.
        progress: called with a Chinese phrase and the share done, 0..1.
        switch: let the new version serve at once.
    """
    report = progress or _silent
    layout = lay_out(corpus)
    with store.writing() as folder:
        vectors = _embed(layout, embedder, _known_vectors(store, embedder), report)
        report("建立索引", 0.0)
        analyzer = Analyzer(corpus.lexicon)
        index = build_index(layout, vectors, analyzer)
        report("拟合排序与校准", 0.0)
        ranker = fit_ranker(index, vectors, analyzer, default_ranker(), unseen=unseen)
        save_index(index, folder)
        save_knowledge(knowledge_of(corpus), folder)
        report("完成", 1.0)
        return store.commit(folder, _manifest(corpus, embedder, layout, ranker), switch=switch)


def default_ranker() -> Ranker:
    """The shipped fit, for corpora that cannot support their own."""
    return Ranker.from_json(json.loads(_DEFAULT_RANKER.read_text(encoding="utf-8")))


def _silent(_phrase: str, _share: float) -> None:
    """Report to nobody."""


def _manifest(corpus: Corpus, embedder: Embedder, layout: Layout, ranker: Ranker) -> dict[str, object]:
    kinds = [unit.kind for unit in layout.units]
    return {
        "corpus": {"digest": corpus.digest},
        "model": {"name": embedder.name, "digest": embedder.digest, "dimension": embedder.dimension},
        "counts": {
            "entries": kinds.count(UnitKind.FAQ),
            "sections": kinds.count(UnitKind.SECTION),
            "boundaries": kinds.count(UnitKind.BOUNDARY),
            "rows": len(layout.rows),
        },
        "ranker": ranker.to_json(),
    }


def _known_vectors(store: Store, embedder: Embedder) -> dict[tuple[bool, str], Vectors]:
    """Vectors of the current version by (is passage, text), if it was built with the same model."""
    try:
        version = store.current()
        model = version.manifest.get("model")
        if not isinstance(model, dict) or model.get("digest") != embedder.digest:
            return {}
        index = load_index(version.folder)
    except StoreError:
        return {}  # nothing usable to reuse: everything is embedded anew
    if not isinstance(index.dense, FaissIndex):
        return {}
    vectors = index.dense.vectors()
    return {_key(row): vector for row, vector in zip(index.rows, vectors, strict=True)}


def _key(row: Row) -> tuple[bool, str]:
    return row.role is Role.TEXT, row.text


def _embed(
    layout: Layout, embedder: Embedder, known: dict[tuple[bool, str], Vectors], report: Progress
) -> Vectors:
    wanted = list(dict.fromkeys(key for row in layout.rows if (key := _key(row)) not in known))
    done = 0
    for passage in (False, True):
        texts = [text for is_passage, text in wanted if is_passage is passage]
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            report("计算向量", done / max(len(wanted), 1))
            vectors = embedder.encode_passages(batch) if passage else embedder.encode_queries(batch)
            known.update({(passage, text): vector for text, vector in zip(batch, vectors, strict=True)})
            done += len(batch)
    stacked = [known[_key(row)] for row in layout.rows]
    return np.ascontiguousarray(np.vstack(stacked), dtype=np.float32)
