"""Corpus → version in the store: lay out, embed what is new, index, fit, seal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

import numpy as np

from kb.calibrate import fit_ranker
from kb.collector import paused
from kb.columnar.ragged import Places
from kb.columns import Columns
from kb.corpus import Corpus, corpus_digest
from kb.dense import FaissIndex, Vectors
from kb.embedding import Embedder
from kb.errors import CorpusError
from kb.index import index_columns, save_index
from kb.originals import save_originals
from kb.previous import MOST_DRIFT, Previous, drift_after, key_of, lexicon_digest, load_previous, plan, taken_over
from kb.query import Analyzer
from kb.ranking import Ranker
from kb.snapshot import knowledge_of, save_knowledge
from kb.store import Store, Version, writable
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
        CorpusError: the corpus holds nothing that could be found, or its files have changed since it was read.
        StoreError: another build is running, or the disk does not take the files.
    """
    report = progress or _silent
    with store.writing() as folder, paused():
        with writable(store.folder):
            _keep_originals(corpus, folder)
        previous = load_previous(store, embedder, corpus.lexicon)
        layout = lay_out(corpus, previous.laid_out)
        if not layout.rows:
            raise CorpusError(
                f"nothing to index in {corpus.folder}",
                user_message=f"{corpus.folder} 里没有可检索的内容，请检查条目是否都已停用。",
            )
        vectors, places = _embed(layout, embedder, previous, report)
        drift = drift_after(previous, places)
        report("建立索引", 0.0)
        analyzer = cache(partial(Analyzer, corpus.lexicon))
        dense = FaissIndex.build(vectors, previous.dense, taken_over(places, previous))
        index = index_columns(layout, vectors, _analyse(layout, previous, analyzer), dense)
        ranker = previous.ranker if drift <= MOST_DRIFT and not refit else None
        if ranker is None:
            report("拟合排序与校准", 0.0)
            ranker, drift = fit_ranker(index, vectors, analyzer(), default_ranker(), unseen=unseen), 0.0
        report("保存", 0.0)
        with writable(store.folder):
            save_index(index, folder)
            place = store.keep_vectors(folder, index)
            save_knowledge(knowledge_of(corpus), folder)
        manifest = {**_manifest(corpus, embedder, layout, ranker, drift), "vectors": place, **(marks or {})}
        version = store.commit(folder, manifest, switch=switch)
        report("完成", 1.0)
        return version


def _keep_originals(corpus: Corpus, folder: Path) -> None:
    """Keep the files before the long work: an import meanwhile makes the version stale, and never a part of it."""
    save_originals(corpus.folder, folder)
    if corpus_digest(corpus.folder) != corpus.digest:
        raise CorpusError(
            f"{corpus.folder} has changed since it was read",
            user_message=f"正要建索引时 {corpus.folder} 里的文件又有改动，这次没有建，请再试一次。",
        )


def _analyse(layout: Layout, previous: Previous, analyzer: Callable[[], Analyzer]) -> Columns:
    """Take over what the version before has analysed; where nothing is new, no dictionary is read."""
    fresh, places = plan((row.text for row in layout.rows), previous.analysed, len(previous.columns))
    columns = Columns.of(fresh, [analyzer().analyse(text) for text in fresh])
    return previous.columns.merged(columns, places)


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


def _embed(layout: Layout, embedder: Embedder, previous: Previous, report: Progress) -> tuple[Vectors, Places]:
    """Vectors of the rows, (rows, d), and their places among those of the version before and what was made."""
    fresh, places = plan(map(key_of, layout.rows), previous.places, len(previous.vectors))
    made = np.zeros((len(fresh), embedder.dimension), dtype=np.float32)
    done = 0
    for passage, encode in ((False, embedder.encode_queries), (True, embedder.encode_passages)):
        wanted = [place for place, (is_passage, _) in enumerate(fresh) if is_passage is passage]
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            report("计算向量", done / len(fresh))
            made[batch] = encode([fresh[place][1] for place in batch])
            done += len(batch)
    return _picked(previous.vectors, made, places), places


def _picked(old: Vectors, new: Vectors, places: Places) -> Vectors:
    """The vectors at ``places`` of the old ones followed by the new ones, without a copy of all in between."""
    if not len(old):
        return new[places]
    vectors = np.empty((len(places), old.shape[1]), dtype=np.float32)
    np.take(old, places, axis=0, out=vectors, mode="clip")
    made = np.flatnonzero(places >= len(old))
    vectors[made] = new[places[made] - len(old)]
    return vectors
