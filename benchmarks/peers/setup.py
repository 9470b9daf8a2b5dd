"""What one system is given for one corpus; read in either environment, so it imports nothing but the standard library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

QUERY_PREFIX, PASSAGE_PREFIX = "query: ", "passage: "

Text = tuple[str, str]  # unit, text; a unit may have many
Search = Callable[[str], list[str]]  # question → units, best first, repetitions allowed


@dataclass(frozen=True, slots=True)
class Setup:
    """One corpus as a system meets it.

    Attributes:
        corpus: the knowledge folder, which this project builds from.
        texts: JSON Lines of ``[unit, text]``, which the peers index.
        questions: a JSON list of questions.
        index: an empty folder for the index.
        model: the sentence-transformers folder.
        prefix: what e5 wants before an indexed text: ``query: `` where questions are matched with questions.
        depth: texts to retrieve for one question.
        threads: of every library.
    """

    corpus: str
    texts: str
    questions: str
    index: str
    model: str
    prefix: str
    depth: int
    threads: int

    def save(self, path: Path) -> None:
        """Write it for a child process."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")


class System(Protocol):
    """A module of :mod:`benchmarks.peers.systems`."""

    def builder(self, setup: Setup) -> Callable[[Sequence[Text]], None]:
        """Load library and model; what is returned builds the index and writes it to disk."""
        ...

    def searches(self, setup: Setup) -> dict[str, Search]:
        """Open the index; ways to search it, the one its documentation advises first."""
        ...


def read_setup(path: Path) -> Setup:
    """Read what :meth:`Setup.save` wrote."""
    return Setup(**json.loads(path.read_text(encoding="utf-8")))


def read_texts(setup: Setup) -> list[Text]:
    """The texts to index, in order."""
    return list(_rows(Path(setup.texts)))


def _rows(path: Path) -> Iterator[Text]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            unit, text = json.loads(line)
            yield unit, text


def numbered(texts: Sequence[Text]) -> Iterator[Text]:
    """Texts under ids of their own, from which :func:`unit_of` reads the unit."""
    for number, (unit, text) in enumerate(texts):
        yield f"{unit}|{number}", text


def unit_of(name: str) -> str:
    """The unit that a numbered text belongs to."""
    return name.rpartition("|")[0]
