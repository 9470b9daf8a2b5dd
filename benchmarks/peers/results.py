"""The file of results, and the README's part that is written from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.environment import ROOT
from benchmarks.peers.run import Asked, Row
from benchmarks.peers.tasks import TASKS

RESULTS = ROOT / "benchmarks" / "peers.json"
README = ROOT / "README.md"
BEGIN, END = "<!-- benchmarks.peers: begin -->", "<!-- benchmarks.peers: end -->"


@dataclass(frozen=True, slots=True)
class Part:
    """All systems on one corpus, measured one after another.

    Attributes:
        title: of the corpus, in Chinese.
        texts: how many the peers indexed.
        units: how many entries, sections or passages these belong to.
        questions: how many were asked.
        date: of the run.
        machine: in one line.
        load: runnable processes in the minute before it began.
        threads: of every library.
        versions: of the peers and what they stand on.
        rows: one for each system, ours first.
    """

    title: str
    texts: int
    units: int
    questions: int
    date: str
    machine: str
    load: float
    threads: int
    versions: Mapping[str, str]
    rows: tuple[Row, ...]


Results = dict[str, Part]  # by the corpus' name


def save(results: Mapping[str, Part], path: Path = RESULTS) -> None:
    """Write the results as JSON, figures with four decimals; corpora not measured this time keep what stands there."""
    kept = {**load(path), **results}
    data = {name: _rounded(asdict(kept[name])) for name in TASKS if name in kept}
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(path: Path = RESULTS) -> Results:
    """Read what :func:`save` wrote; nothing before the first run."""
    data = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: _part(part) for name, part in data.items()}


def put_into(readme: str, part: str) -> str:
    """The README with the part between its marks replaced.

    Raises:
        ValueError: it lacks the marks.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the README lacks the marks of benchmarks.peers")
    return f"{before}{BEGIN}\n{part}{END}{after}"


def _part(data: dict[str, Any]) -> Part:
    return Part(**{**data, "rows": tuple(_row(row) for row in data["rows"])})


def _row(data: dict[str, Any]) -> Row:
    asked = {name: Asked(**data[name]) if data[name] is not None else None for name in ("advised", "dense")}
    return Row(**{**data, **asked})


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list | tuple) else value
