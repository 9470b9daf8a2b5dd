"""Passage retrieval on text of the world: CMRC 2018 dev (Cui et al. 2019, CC BY-SA 4.0), gold = the question's passage.

A corpus of plain articles has no question forms to fit on, so this measures the shipped default ranking. Nothing that
ships was fitted on these passages or questions.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.records import Figure, Settings, Skipped
from kb.index import Index
from kb.metrics import first_ranks, hit_at, mean, reciprocal_rank_at
from kb.ranking import Cutoffs
from kb.search import Found, Searcher
from kb.workspace import DELTA, Workspace

FILE = "cmrc2018_dev.json"
_DEPTH = 10
_QUICK_PASSAGES = 120


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages by id, and questions with the id of their passage."""

    texts: dict[str, str]
    questions: tuple[tuple[str, str], ...]


def run(settings: Settings) -> list[Figure]:
    """Measure dense alone, BM25 alone and the default ranking, with the base and with the corpus' adapted weights."""
    path = settings.data / FILE
    if not path.exists():
        raise Skipped(f"没有 {path}：把 CMRC 2018 的 dev 集放到那里再测")
    passages = read_passages(path, _QUICK_PASSAGES if settings.quick else None)
    figures = _measured(passages, None, settings, "原模型")
    delta = settings.workspace().delta
    return figures if delta is None else [*figures, *_measured(passages, delta, settings, "微调后")]


def read_passages(path: Path, most: int | None = None) -> Passages:
    """Read a file in SQuAD's layout, at most so many of its passages."""
    rows = [row for article in json.loads(path.read_text(encoding="utf-8"))["data"] for row in article["paragraphs"]]
    rows = rows[:most]
    asked = tuple((row["id"], qa["question"]) for row in rows for qa in row["qas"])
    return Passages({row["id"]: row["context"] for row in rows}, asked)


def write_corpus(passages: Passages, folder: Path, delta: Path | None) -> None:
    """Lay the passages out as articles; the title is the id, which tells nothing about the text."""
    (folder / "articles").mkdir(parents=True)
    for name, text in passages.texts.items():
        page = f"---\nid: {name}\ntitle: {name}\n---\n{text}\n"
        (folder / "articles" / f"{name}.md").write_text(page, encoding="utf-8")
    if delta is not None:
        (folder / DELTA).parent.mkdir()
        shutil.copyfile(delta, folder / DELTA)


def _measured(passages: Passages, delta: Path | None, settings: Settings, label: str) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="zhida-bench-") as name:
        folder = Path(name, "corpus")
        write_corpus(passages, folder, delta)
        settings.say(f"CMRC {label}：建索引")
        space = Workspace(folder, Path(name, "store"), threads=2)
        opened = space.open_fresh()
        settings.say(f"CMRC {label}：检索")
        vectors = space.embedder().encode_queries(
            [opened.searcher.analyzer.analyse(question).text for _, question in passages.questions]
        )
        found = opened.searcher.search_many([question for _, question in passages.questions], k=2 * _DEPTH)
        rankings = {
            "稠密": _by_rows(
                opened.searcher.index, opened.searcher.index.dense.search(vectors, 16 * _DEPTH)[1].tolist()
            ),
            "BM25": _by_rows(opened.searcher.index, _lexical(opened.searcher, passages)),
            "默认排序": [_articles(one) for one in found],
        }
    gold = [name for name, _ in passages.questions]
    size = f"{len(passages.texts)} 段，{len(gold)} 问"
    figures = [figure for way, order in rankings.items() for figure in _figures(f"{label} {way}", order, gold, size)]
    return [*figures, *_decided(label, found, gold, opened.searcher.ranker.cutoffs)]


def _decided(label: str, found: Sequence[Found], gold: Sequence[str], cutoffs: Cutoffs) -> list[Figure]:
    """What the shipped cut-offs make of it: how much is answered outright, and how much of that is right."""
    right = [
        _articles(one)[0] == name
        for one, name in zip(found, gold, strict=True)
        if one.answerable >= cutoffs.answerable and one.hits and one.hits[0].probability >= cutoffs.answer
    ]
    return [
        Figure(f"{label} 直接回答的比例", len(right) / len(gold), "", "出厂阈值，未校准"),
        *([Figure(f"{label} 直接回答中对的比例", mean(right))] if right else []),
    ]


def _lexical(searcher: Searcher, passages: Passages) -> Iterable[Sequence[int]]:
    for _, question in passages.questions:
        scores = searcher.index.lexical.scores(searcher.analyzer.analyse(question).terms)
        yield np.argsort(-scores, kind="stable")[: 16 * _DEPTH].tolist()


def _by_rows(index: Index, rows: Iterable[Sequence[int]]) -> list[list[str]]:
    """Articles in the order of their best row."""
    return [list(dict.fromkeys(_article(index.units[index.row_unit[row]].id) for row in found)) for found in rows]


def _articles(found: Found) -> list[str]:
    return list(dict.fromkeys(_article(hit.entry) for hit in found.hits))


def _article(unit: str) -> str:
    return unit.partition("#")[0]


def _figures(name: str, rankings: Sequence[Sequence[str]], gold: Sequence[str], note: str) -> list[Figure]:
    ranks = first_ranks([[item == right for item in found] for found, right in zip(rankings, gold, strict=True)])
    return [
        Figure(f"{name} hit@1", mean(hit_at(ranks, 1)), "", note),
        Figure(f"{name} hit@10", mean(hit_at(ranks, _DEPTH))),
        Figure(f"{name} MRR@10", mean(reciprocal_rank_at(ranks, _DEPTH))),
    ]
