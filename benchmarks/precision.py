"""The fast form of the model (int8 in onnxruntime) against the full one (float32 in torch), each with its own index."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assistant.questions import Answerable
from benchmarks.records import Figure, Settings, answerable_questions
from kb.build import build
from kb.corpus import Corpus, load_corpus
from kb.embedding import Embedder, OnnxEmbedder, SentenceTransformerEmbedder, default_root, prepare
from kb.held_out import held_out
from kb.metrics import mcnemar_exact
from kb.query import Analyzer
from kb.search import Searcher
from kb.store import Store

_QUICK_SAMPLE, _QUICK_FORMS = 100, 1


def run(settings: Settings) -> list[Figure]:
    """Measure hit@1 over the corpus' answerable questions with both forms of the same weights."""
    corpus, questions = load_corpus(settings.corpus), answerable_questions(settings.corpus)
    if settings.quick:
        corpus, questions = _fewer_forms(corpus), questions[:: max(1, len(questions) // _QUICK_SAMPLE)]
    delta = settings.workspace().delta
    folder = prepare(default_root(), delta=delta)
    adapted = delta is not None
    settings.say("int8 建索引")
    fast = _hits(corpus, OnnxEmbedder(folder, threads=2), questions, adapted=adapted)
    settings.say("float32 建索引")
    full = _hits(corpus, SentenceTransformerEmbedder(folder, threads=2), questions, adapted=adapted)
    gained = sum(a and not b for a, b in zip(fast, full, strict=True))
    lost = sum(b and not a for a, b in zip(fast, full, strict=True))
    note = f"{len(questions)} 题；int8 多对 {gained}、少对 {lost}，McNemar p={mcnemar_exact(gained, lost):.2f}"
    return [
        Figure("hit@1，int8 onnxruntime", sum(fast) / len(fast), "", "同一批可回答的题，各建各的索引"),
        Figure("hit@1，float32 SentenceTransformer", sum(full) / len(full)),
        Figure("int8 与 float32 之差", 100 * (sum(fast) - sum(full)) / len(fast), "分", note),
    ]


def _hits(corpus: Corpus, embedder: Embedder, questions: Sequence[Answerable], *, adapted: bool) -> list[bool]:
    with tempfile.TemporaryDirectory(prefix="zhida-bench-") as name:
        version = build(corpus, embedder, Store(Path(name)), unseen=held_out if adapted else None)
        searcher = Searcher.open(version, Analyzer(corpus.lexicon), embedder)
        found = searcher.search_many([item.question for item in questions], k=1)
    return [
        bool(one.hits) and item.gold.matches(one.hits[0].entry, one.hits[0].facts)
        for item, one in zip(questions, found, strict=True)
    ]


def _fewer_forms(corpus: Corpus) -> Corpus:
    entries = tuple(replace(entry, alternates=entry.alternates[:_QUICK_FORMS]) for entry in corpus.entries)
    boundaries = tuple(replace(item, exemplars=item.exemplars[:_QUICK_FORMS]) for item in corpus.boundaries)
    return replace(corpus, entries=entries, boundaries=boundaries)
