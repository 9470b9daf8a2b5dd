"""A corpus folder of any number of question forms, with the vectors of its texts beside it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.records import SEED
from benchmarks.scale.variations import Copy, Entry, copies
from kb.corpus import Corpus, load_corpus
from kb.dense import Vectors
from kb.embedding import Embedder
from kb.exchange.exporting import export_faq
from kb.records import FaqEntry
from kb.text import normalise
from kb.units import Role, UnitKind, lay_out

QUESTIONS = 400
_KEPT = ("articles", "boundaries", "lexicon")
_VECTORS, _TEXTS, _ASKED = "known.npy", "known.txt", "asked.json"


@dataclass(frozen=True, slots=True)
class Real:
    """The shipped corpus with the vector of each of its rows, and the forms held out of it to be asked.

    Attributes:
        entries: active FAQ entries, in the corpus' order.
        forms: of each of them, without what is held out.
        others: (is passage, text) → vector, of all rows.
        asked: the forms held out.
    """

    corpus: Corpus
    entries: tuple[FaqEntry, ...]
    forms: tuple[Entry, ...]
    others: dict[tuple[bool, str], Vectors]
    asked: tuple[str, ...]


def read_real(folder: Path, vectors: Vectors) -> Real:
    """Read a corpus whose index holds ``vectors``, (rows, d) in the order of its layout."""
    corpus = load_corpus(folder)
    layout = lay_out(corpus)
    rows = [place for place, row in enumerate(layout.rows) if _is_form(row.role, layout.units[row.unit].kind)]
    asked = set(np.random.default_rng(SEED).choice(rows, QUESTIONS, replace=False).tolist())
    by_unit: dict[int, list[int]] = {}
    for place in rows:
        if place not in asked:
            by_unit.setdefault(layout.rows[place].unit, []).append(place)
    return Real(
        corpus=corpus,
        entries=tuple(corpus.active[unit] for unit in by_unit),
        forms=tuple(
            Entry(layout.units[unit].id, tuple(layout.rows[place].text for place in places), vectors[places])
            for unit, places in by_unit.items()
        ),
        others={(row.role is Role.TEXT, row.text): vector for row, vector in zip(layout.rows, vectors, strict=True)},
        asked=tuple(layout.rows[place].text for place in sorted(asked)),
    )


def _is_form(role: Role, kind: UnitKind) -> bool:
    return role is Role.FORM and kind is UnitKind.FAQ


def write_corpus(real: Real, count: int, folder: Path) -> None:
    """Write ``folder/corpus`` with ``count`` question forms, their vectors, and the questions to ask.

    Articles, boundaries and lexicon are the shipped ones; a copy keeps its original's answer.
    """
    target = folder / "corpus"
    shutil.rmtree(folder, ignore_errors=True)
    (target / "faq").mkdir(parents=True)
    for name in _KEPT:
        shutil.copytree(real.corpus.folder / name, target / name)
    known = _Known(real)
    export_faq(list(_entries(real, count, known)), target / "faq" / "forms.jsonl", "jsonl")
    known.save(folder)
    (folder / _ASKED).write_text(json.dumps(real.asked, ensure_ascii=False), encoding="utf-8")


def _entries(real: Real, count: int, known: _Known) -> Iterator[FaqEntry]:
    for copy in copies(real.forms, count, SEED):
        known.add(copy)
        question, *alternates = copy.entry.forms
        negatives = real.entries[copy.of].negatives if copy.number == 0 else ()
        yield replace(
            real.entries[copy.of],
            id=copy.entry.id,
            question=question,
            alternates=tuple(alternates),
            negatives=negatives,
        )


class _Known:
    """Collects texts with their vectors."""

    def __init__(self, real: Real) -> None:
        self._texts = [f"{'p' if passage else 'q'}{text}" for passage, text in real.others]
        self._vectors = [np.stack(list(real.others.values()))]

    def add(self, copy: Copy) -> None:
        """Add an entry's forms as the index will see them."""
        self._texts.extend(f"q{normalise(form)}" for form in copy.entry.forms)
        self._vectors.append(copy.entry.vectors)

    def save(self, folder: Path) -> None:
        """Write both in one order; a normalised text is one line."""
        np.save(folder / _VECTORS, np.vstack(self._vectors))
        (folder / _TEXTS).write_text("\n".join(self._texts), encoding="utf-8")


def change(corpus: Path) -> None:
    """Give the first entry one more form, delete the second, add a new one."""
    path = corpus / "faq" / "forms.jsonl"
    with path.open(encoding="utf-8") as lines:
        first, second, *rest = lines
    edited, gone = json.loads(first), json.loads(second)
    edited["alternates"].append("改过的条目多出来的问法在哪里看")
    new = gone | {
        "id": "scale-new",
        "question": "新加的条目问的是什么",
        "alternates": ["新加的条目讲什么"],
        "negatives": [],
    }
    rows = [json.dumps(row, ensure_ascii=False) + "\n" for row in (edited, new)]
    path.write_text("".join([*rows, *rest]), encoding="utf-8")


def asked(folder: Path) -> list[str]:
    """Real forms that nothing in the index was made from."""
    return [str(text) for text in json.loads((folder / _ASKED).read_text(encoding="utf-8"))]


class KnownEmbedder:
    """An :class:`~kb.embedding.Embedder` that looks up the texts of a made corpus and encodes all others.

    Args:
        encoder: the real one.
        folder: of :func:`write_corpus`; None to know nothing, as when it serves.
    """

    def __init__(self, encoder: Embedder, folder: Path | None) -> None:
        self._encoder = encoder
        self.name = f"{encoder.name}-variations"
        self.dimension = encoder.dimension
        self.digest = f"{encoder.digest}-variations-{SEED}"
        self._row: dict[str, int] = {}
        self._vectors: NDArray[np.float32] = np.zeros((0, self.dimension), np.float32)
        if folder is not None:
            self._vectors = np.load(folder / _VECTORS, mmap_mode="r")
            for row, text in enumerate((folder / _TEXTS).read_text(encoding="utf-8").split("\n")):
                self._row.setdefault(text, row)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) unit rows, in the order of ``texts``."""
        return self._encode(texts, "q")

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) unit rows, in the order of ``texts``."""
        return self._encode(texts, "p")

    def _encode(self, texts: Sequence[str], kind: str) -> Vectors:
        encode = self._encoder.encode_queries if kind == "q" else self._encoder.encode_passages
        rows = np.array([self._row.get(kind + text, -1) for text in texts], dtype=np.int64)
        if (rows < 0).all():
            return encode(texts)
        vectors = np.asarray(self._vectors[np.maximum(rows, 0)], dtype=np.float32)
        unknown = np.flatnonzero(rows < 0)
        if len(unknown):
            vectors[unknown] = encode([texts[place] for place in unknown])
        return vectors
