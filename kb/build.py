"""Corpus → version in the store: lay out, embed what is new, index, fit, seal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from kb.calibrate import fit_ranker
from kb.collector import paused
from kb.corpus import Corpus
from kb.dense import Vectors
from kb.embedding import Embedder
from kb.errors import CorpusError
from kb.index import build_index, save_index
from kb.originals import save_originals
from kb.previous import MOST_DRIFT, Key, drift_after, key_of, lexicon_digest, load_previous
from kb.query import Analyzer, Query
from kb.ranking import Ranker
from kb.snapshot import knowledge_of, save_knowledge
from kb.store import Store, Version
from kb.units import Layout, UnitKind, lay_out

Progress = Callable[[str, float], None]
_DEFAULT_RANKER = Path(__file__).with_name("default_ranker.json")
_BATCH = 512


def build(
    corpus: Corpus,
    embedder: Embedder,
    store: Store,
    *,
    unseen: Callable[[str], bool] | None = None,
    refit: bool = False,
    progress: Progress | None = None,
    switch: bool = True,
    marks: Mapping[str, object] | None = None,
) -> Version:
    """Build a version of the index; texts that the current version already holds are not embedded again.

    Args:
        corpus: what to index.
        embedder: the model; its digest goes into the manifest.
        store: where to.
        unseen: tells whether a text was held out of the model's training on this corpus, None if not adapted.
        refit: fit the ranking anew even if hardly anything has changed since the last fit.
        progress: called with a Chinese phrase and the share done, 0..1.
        switch: let the new version serve at once.
        marks: what else its manifest is to say.

    Raises:
        CorpusError: the corpus holds nothing that could be found.
        StoreError: another build is running, or the disk does not take the files.
    """
    report = progress or _silent
    layout = lay_out(corpus)
    if not layout.rows:
        raise CorpusError(
            f"nothing to index in {corpus.folder}",
            user_message=f"{corpus.folder} 里没有可检索的内容，请检查条目是否都已停用。",
        )
    with store.writing() as folder, paused():
        previous = load_previous(store, embedder, corpus.lexicon)
        drift = drift_after(previous, layout)
        vectors = _embed(layout, embedder, previous.vectors, report)
        report("建立索引", 0.0)
        analyzer = Analyzer(corpus.lexicon)
        queries = _analyse(layout, previous.queries, analyzer)
        index = build_index(layout, vectors, queries)
        ranker = previous.ranker if drift <= MOST_DRIFT and not refit else None
        if ranker is None:
            report("拟合排序与校准", 0.0)
            ranker, drift = fit_ranker(index, vectors, analyzer, default_ranker(), unseen=unseen), 0.0
        report("保存", 0.0)
        save_index(index, folder)
        save_knowledge(knowledge_of(corpus), folder)
        save_originals(corpus.folder, folder)
        manifest = {**_manifest(corpus, embedder, layout, ranker, drift), **(marks or {})}
        version = store.commit(folder, manifest, switch=switch)
        report("完成", 1.0)
        return version


def _analyse(layout: Layout, known: Mapping[str, Query], analyzer: Analyzer) -> list[Query]:
    return [known.get(row.text) or analyzer.analyse(row.text) for row in layout.rows]


def default_ranker() -> Ranker:
    """The shipped fit, for corpora that cannot support their own."""
    return Ranker.from_json(json.loads(_DEFAULT_RANKER.read_text(encoding="utf-8")))


def _silent(_phrase: str, _share: float) -> None:
    """Report to nobody."""


def _manifest(corpus: Corpus, embedder: Embedder, layout: Layout, ranker: Ranker, drift: float) -> dict[str, object]:
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
        "lexicon": lexicon_digest(corpus.lexicon),
        "ranker": ranker.to_json(),
        "drift": drift,
    }


def _embed(layout: Layout, embedder: Embedder, known: dict[Key, Vectors], report: Progress) -> Vectors:
    wanted = list(dict.fromkeys(key for row in layout.rows if (key := key_of(row)) not in known))
    done = 0
    for passage in (False, True):
        texts = [text for is_passage, text in wanted if is_passage is passage]
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            report("计算向量", done / max(len(wanted), 1))
            vectors = embedder.encode_passages(batch) if passage else embedder.encode_queries(batch)
            known.update({(passage, text): vector for text, vector in zip(batch, vectors, strict=True)})
            done += len(batch)
    stacked = [known[key_of(row)] for row in layout.rows]
    return np.ascontiguousarray(np.vstack(stacked), dtype=np.float32)
