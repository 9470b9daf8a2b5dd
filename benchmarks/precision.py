"""The fast form of the model (int8 in onnxruntime) against the full one (float32 in torch), each with its own index."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assistant.evaluation.questions import Answerable, Gold
from benchmarks.records import SEED, Figure, Settings, answerable_questions
from kb.build import build
from kb.corpus import Corpus, load_corpus
from kb.embedding import Embedder, OnnxEmbedder, SentenceTransformerEmbedder, default_root, prepare
from kb.held_out import HOLD_OUT, held_out
from kb.metrics import mcnemar_exact
from kb.query import Analyzer
from kb.search import Searcher
from kb.store import Store

# The test set alone cannot tell differences of half a per cent: one question is a sixth of one.
_SAMPLE = 2_000
_QUICK_SAMPLE, _QUICK_FORMS = 100, 1


def run(settings: Settings) -> list[Figure]:
    """Measure hit@1 with both forms of the same weights: over the test set and over forms kept out of the index.

    These forms are those that the weights were not trained on either.
    """
    corpus, asked = load_corpus(settings.corpus), answerable_questions(settings.corpus)
    forms = held_out_forms(corpus, _QUICK_SAMPLE if settings.quick else _SAMPLE)
    corpus = without_held_out(corpus)
    if settings.quick:
        corpus, asked = _fewer_forms(corpus), asked[:: max(1, len(asked) // _QUICK_SAMPLE)]
    questions = (*asked, *forms)
    delta = settings.workspace().delta
    folder = prepare(default_root(), delta=delta)
    adapted = delta is not None
    settings.say("int8 建索引")
    fast = _hits(corpus, OnnxEmbedder(folder, threads=2), questions, adapted=adapted)
    settings.say("float32 建索引")
    full = _hits(corpus, SentenceTransformerEmbedder(folder, threads=2), questions, adapted=adapted)
    note = f"{len(asked)} 道测试题和 {len(forms)} 个不进索引的留出问法，各建各的索引"
    return [
        Figure("hit@1，int8 onnxruntime", sum(fast) / len(fast), "", note),
        Figure("hit@1，float32 SentenceTransformer", sum(full) / len(full)),
        Figure("int8 与 float32 之差", *_difference(fast, full)),
        Figure("其中测试题", *_difference(fast[: len(asked)], full[: len(asked)])),
    ]


def _difference(fast: Sequence[bool], full: Sequence[bool]) -> tuple[float, str, str]:
    """Percentage points that int8 has more, their unit, and what stands behind them."""
    gained = sum(a and not b for a, b in zip(fast, full, strict=True))
    lost = sum(b and not a for a, b in zip(fast, full, strict=True))
    note = f"{len(fast)} 题；int8 多对 {gained}、少对 {lost}，McNemar p={mcnemar_exact(gained, lost):.2f}"
    return 100 * (sum(fast) - sum(full)) / len(fast), "分", note


def held_out_forms(corpus: Corpus, count: int) -> list[Answerable]:
    """A seeded sample of the forms that are left out, as questions for their entries."""
    forms = [(form, entry) for entry in corpus.active for form in entry.alternates if _left_out(form)]
    drawn = random.Random(SEED).sample(forms, min(count, len(forms)))  # noqa: S311 - seeded, no secret
    return [
        Answerable(f"form-{number}", form, Gold(frozenset(entry.facts), frozenset({entry.id})))
        for number, (form, entry) in enumerate(drawn, 1)
    ]


def without_held_out(corpus: Corpus) -> Corpus:
    """The same knowledge without any of those forms."""
    entries = tuple(
        replace(entry, alternates=tuple(form for form in entry.alternates if not _left_out(form)))
        for entry in corpus.entries
    )
    return replace(corpus, entries=entries)


def _hits(corpus: Corpus, embedder: Embedder, questions: Sequence[Answerable], *, adapted: bool) -> list[bool]:
    with tempfile.TemporaryDirectory(prefix="zhida-bench-") as name:
        version = build(corpus, embedder, Store(Path(name)), unseen=held_out if adapted else None)
        searcher = Searcher.open(version, Analyzer(corpus.lexicon), embedder)
        found = searcher.search_many([item.question for item in questions], k=1)
    return [
        bool(one.hits) and item.gold.matches(one.hits[0].entry, one.hits[0].facts)
        for item, one in zip(questions, found, strict=True)
    ]


def _left_out(form: str) -> bool:
    """Half of what the weights were not trained on; the ranking is fitted on the other half."""
    return held_out(form, HOLD_OUT / 2)


def _fewer_forms(corpus: Corpus) -> Corpus:
    entries = tuple(replace(entry, alternates=entry.alternates[:_QUICK_FORMS]) for entry in corpus.entries)
    boundaries = tuple(replace(item, exemplars=item.exemplars[:_QUICK_FORMS]) for item in corpus.boundaries)
    return replace(corpus, entries=entries, boundaries=boundaries)
