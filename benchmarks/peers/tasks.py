"""The corpora, each as a knowledge folder for this project and as the same texts for the peers, with its questions."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.evaluation.questions import Gold
from benchmarks.cmrc import FILE as CMRC_FILE
from benchmarks.cmrc import read_passages, write_corpus
from benchmarks.peers.pairs import Entry, entries_of, read_pairs
from benchmarks.peers.setup import PASSAGE_PREFIX, QUERY_PREFIX, Text
from benchmarks.records import SEED, answerable_questions
from kb.corpus import load_corpus
from kb.units import Role, Unit, UnitKind, lay_out

_FEWER = 300  # questions where a peer that scans 30,000 texts in Python takes most of a second for each
_SHALLOW, _DEEP = 20, 50  # texts retrieved for ten entries: many of our own FAQ's are forms of the same entry


@dataclass(frozen=True, slots=True)
class Task:
    """One corpus.

    Attributes:
        title: in Chinese.
        corpus: the knowledge folder.
        texts: what the peers index.
        questions: what is asked, with the units that are right.
        prefix: what e5 wants before a text.
        depth: texts to retrieve.
        adapted: whether the model is the one fine-tuned on this corpus.
        whole: whether gold names articles, whichever section of them is found.
    """

    title: str
    corpus: Path
    texts: tuple[Text, ...]
    questions: tuple[tuple[str, frozenset[str]], ...]
    prefix: str
    depth: int = _SHALLOW
    adapted: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """Where corpora come from and how much of them is taken.

    Attributes:
        data: folder of public data sets.
        corpus: this project's knowledge folder.
        questions: most questions of a corpus, drawn with a fixed seed.
        entries: most entries or passages, None for all.
    """

    data: Path
    corpus: Path
    questions: int
    entries: int | None = None


def cmrc(sources: Sources, folder: Path) -> Task:
    """CMRC 2018 dev: whole passages; a question's passage is right."""
    passages = read_passages(sources.data / CMRC_FILE, sources.entries)
    write_corpus(passages, folder, None)
    asked = [(question, frozenset({name})) for name, question in passages.questions]
    return Task(
        "CMRC 2018 段落",
        folder,
        tuple(passages.texts.items()),
        _sampled(asked, sources.questions),
        PASSAGE_PREFIX,
        whole=True,
    )


def lcqmc(sources: Sources, folder: Path) -> Task:
    """Question matching out of LCQMC's test pairs."""
    return _matching("LCQMC 问句匹配", sources.data / "lcqmc_test.tsv", sources, folder)


def xiaobu(sources: Sources, folder: Path) -> Task:
    """Question matching out of the voice assistant's dev pairs."""
    return _matching("小布问句匹配", sources.data / "xiaobu_dev.tsv", sources, folder)


def own(sources: Sources, _folder: Path) -> Task:
    """This project's FAQ and articles, asked its blind test set; boundaries are ours alone, peers have no use for them."""
    layout = lay_out(load_corpus(sources.corpus))
    known = [unit for unit in layout.units if unit.kind is not UnitKind.BOUNDARY]
    kept = {unit.id for unit in known[: sources.entries]}
    texts = [
        (layout.units[row.unit].id, row.text)
        for row in layout.rows
        if layout.units[row.unit].id in kept and row.role is not Role.NEGATIVE
    ]
    asked = [(item.question, _right(item.gold, known)) for item in answerable_questions(sources.corpus)]
    return Task(
        "随附知识库",
        sources.corpus,
        tuple(texts),
        _sampled(asked, min(sources.questions, _FEWER)),
        QUERY_PREFIX,
        depth=_DEEP,
        adapted=True,
    )


TASKS: dict[str, Callable[[Sources, Path], Task]] = {"cmrc": cmrc, "lcqmc": lcqmc, "xiaobu": xiaobu, "own": own}


def _right(gold: Gold, units: Sequence[Unit]) -> frozenset[str]:
    return frozenset(unit.id for unit in units if gold.matches(unit.id, unit.facts))


def _matching(title: str, path: Path, sources: Sources, folder: Path) -> Task:
    entries = entries_of(read_pairs(path), SEED)[: sources.entries]
    write_faq(entries, folder)
    asked = [(entry.asked, frozenset({entry.id})) for entry in entries]
    texts = tuple((entry.id, form) for entry in entries for form in entry.forms)
    return Task(title, folder, texts, _sampled(asked, sources.questions), QUERY_PREFIX)


def write_faq(entries: Sequence[Entry], folder: Path) -> None:
    """Lay entries out as a knowledge folder of questions without answers."""
    (folder / "faq").mkdir(parents=True)
    rows = [{"id": entry.id, "question": entry.forms[0], "alternates": list(entry.forms[1:])} for entry in entries]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "faq" / "pairs.jsonl").write_text(text, encoding="utf-8")


def _sampled(asked: Sequence[tuple[str, frozenset[str]]], most: int) -> tuple[tuple[str, frozenset[str]], ...]:
    chance = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    return tuple(chance.sample(list(asked), min(most, len(asked))))
