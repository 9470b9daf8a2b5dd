"""Fits ``kb/default_ranker.json``, which ranks for corpora that have no forms and exemplars to fit their own ranking on.

Such corpora are made out of ours: its articles alone, its standard questions with their answers, and both; without its
lexicon and with the packaged weights, as a stranger's would be. They are asked the alternates, which they do not hold,
and the exemplars of boundaries, which nothing in them answers. A unit is right by the part of the asked entry's facts
that it states. Public test sets take no part in it; ``benchmarks/cmrc.py`` tells how well the fit travels.

``python -m benchmarks.fit_default [--dry-run]``
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.records import SEED
from kb.calibrate import Costs, best_share, fit_cutoffs
from kb.choice import Example, fit_choice
from kb.corpus import Corpus, load_corpus
from kb.embedding import OnnxEmbedder, default_root, prepare
from kb.features import NAMES, Candidates, candidates
from kb.index import Index, build_index
from kb.judge import Judged
from kb.lexicon import Lexicon
from kb.metrics import auroc
from kb.paths import shipped_corpus
from kb.query import Analyzer
from kb.ranking import Cutoffs, Ranker, log_odds
from kb.units import Layout, Role, Unit, lay_out

TARGET = Path(__file__).resolve().parent.parent / "kb" / "default_ranker.json"
# Few features travel: what they mean does not hang on how large, how dense or how redundant a corpus is. On our own
# text all features together gain 1-2 points of hit@1, but fitted on articles they halve it on questions and answers.
FEATURES = ("cosine", "bm25_share", "exact", "same_sound", "is_section")
_FORMS = 4
_EXEMPLARS = 6
_EXACT_SHARE = 0.3
_FOLDS = 2

out = Console()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the entry it is meant for; for an unanswerable one ``entry`` is "" and ``expect`` is not."""

    text: str
    entry: str = ""
    facts: frozenset[str] = frozenset()
    expect: str = ""


def main(dry_run: Annotated[bool, typer.Option("--dry-run", help="只显示，不写入")] = False) -> None:
    """Fit, show what the fit does on questions it has not seen, and write it."""
    corpus = replace(load_corpus(shipped_corpus()), lexicon=Lexicon())
    judged = judge(corpus, OnnxEmbedder(prepare(default_root()), threads=2))
    everything = [item for items in judged.values() for item in items]
    slope, intercept = _calibration(everything)
    # Even odds: cut-offs that pay on our mix of near misses would have a stranger's corpus refuse most questions.
    ranker = Ranker(fit_choice([item.example for item in everything]), slope, intercept, Cutoffs(0.5, 0.5))
    ours = fit_cutoffs(everything, ranker, Costs())
    for name, items in judged.items():
        _show(name, items)
    out.print(f"本知识库自己会取的阈值：{ours}；写入的：{ranker.cutoffs}", highlight=False)
    data = {**ranker.to_json(), "slope": round(slope, 4), "intercept": round(intercept, 4)}
    data["weights"] = {name: round(float(ranker.choice.weights[NAMES.index(name)]), 3) for name in FEATURES}
    text = json.dumps(data, ensure_ascii=False)
    out.print(text, highlight=False)
    if not dry_run:
        TARGET.write_text(f"{text}\n", encoding="utf-8")


def judge(corpus: Corpus, embedder: OnnxEmbedder) -> dict[str, list[Judged]]:
    """Ask every made-up corpus every question."""
    analyzer, asked = Analyzer(corpus.lexicon), questions(corpus)
    queries = [analyzer.analyse(item.text) for item in asked]
    vectors = embedder.encode_queries([query.text for query in queries])
    found: dict[str, list[Judged]] = {}
    for name, layout in layouts(corpus).items():
        index = build_index(layout, _embed(layout, embedder), [analyzer.analyse(row.text) for row in layout.rows])
        found[name] = [
            _judged(index, item, candidates(index, query, vector))
            for item, query, vector in zip(asked, queries, vectors, strict=True)
        ]
    return found


def layouts(corpus: Corpus) -> Mapping[str, Layout]:
    """Corpora as strangers have them: articles, plain questions and answers, and both."""
    plain = tuple(replace(entry, alternates=(), negatives=()) for entry in corpus.entries)
    return {
        "文章": lay_out(replace(corpus, entries=(), boundaries=())),
        "问答": lay_out(replace(corpus, entries=plain, boundaries=(), sections=(), chunks=())),
        "文章和问答": lay_out(replace(corpus, entries=plain, boundaries=())),
    }


def questions(corpus: Corpus) -> list[Asked]:
    """A seeded sample of alternates, some standard questions word for word, and exemplars of boundaries."""
    rng = np.random.default_rng(SEED)
    asked = []
    for entry in corpus.active:
        forms = rng.permutation(np.array(entry.alternates, dtype=object))[:_FORMS].tolist()
        forms += [entry.question] if rng.random() < _EXACT_SHARE else []
        asked += [Asked(form, entry.id, frozenset(entry.facts)) for form in forms]
    for boundary in corpus.boundaries:
        asked += [Asked(text, expect=boundary.expect) for text in boundary.exemplars[:_EXEMPLARS]]
    order: list[int] = rng.permutation(len(asked)).tolist()
    return [asked[place] for place in order]


def _embed(layout: Layout, embedder: OnnxEmbedder) -> NDArray[np.float32]:
    vectors = np.zeros((len(layout.rows), embedder.dimension), dtype=np.float32)
    passage = np.array([row.role is Role.TEXT for row in layout.rows])
    for flag, encode in ((True, embedder.encode_passages), (False, embedder.encode_queries)):
        places = np.flatnonzero(passage == flag)
        vectors[places] = encode([layout.rows[place].text for place in places.tolist()])
    return vectors


def _judged(index: Index, item: Asked, found: Candidates) -> Judged:
    units = tuple(index.units[unit] for unit in found.units.tolist())
    right = np.array([_rightness(unit, item) for unit in units])
    used = np.isin(NAMES, FEATURES)
    values = np.where(used, found.values, 0.0)  # a feature that never varies gets no weight
    # Calibration and cut-offs ask what the evaluation asks: does the unit state a gold fact?
    return Judged(units, Example(values, right, none_right=not right.any()), np.sign(right), item.expect)


def _rightness(unit: Unit, item: Asked) -> float:
    if unit.id == item.entry:
        return 1.0
    return len(item.facts & set(unit.facts)) / len(item.facts) if item.facts else 0.0


def _calibration(judged: Sequence[Judged]) -> tuple[float, float]:
    """Platt (1999) scaling, which is a choice between one candidate and none, on out-of-fold shares."""
    odds, truth = zip(*_unseen_shares(judged), strict=True)
    pairs = zip(log_odds(np.array(odds)), truth, strict=True)
    fit = fit_choice([Example(np.array([[x]]), np.array([y]), none_right=not y) for x, y in pairs], penalty=1e-6)
    return float(fit.weights[0]), -fit.outside


def _unseen_shares(judged: Sequence[Judged]) -> Iterable[tuple[float, float]]:
    for fold in range(_FOLDS):
        choice = fit_choice([item.example for place, item in enumerate(judged) if place % _FOLDS != fold])
        yield from (best_share(item, choice) for item in judged[fold::_FOLDS])


def _show(name: str, judged: Sequence[Judged]) -> None:
    """Print hit@1 and separation out of fold."""
    ours = [bool(item.expect == "") for fold in range(_FOLDS) for item in judged[fold::_FOLDS]]
    shares = np.array(list(_unseen_shares(judged)))
    mask = np.array(ours)
    out.print(
        f"{name}：{len(judged)} 问，hit@1 {shares[mask, 1].mean():.3f}，AUROC {auroc(shares[mask, 0], shares[~mask, 0]):.3f}",
        highlight=False,
    )


if __name__ == "__main__":
    typer.run(main)
