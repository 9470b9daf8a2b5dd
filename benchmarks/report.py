"""The table that is printed and the file that keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.records import Figure

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Measured:
    """One benchmark's figures with when, on what and at what load they were taken; or why it was skipped."""

    date: str
    machine: str
    load: float
    figures: tuple[Figure, ...] = ()
    skipped: str = ""


def table(measured: Mapping[str, Measured], titles: Mapping[str, str]) -> Table:
    """One table of all benchmarks."""
    first = next(iter(measured.values()))
    found = Table(title=f"{first.date} · {first.machine}", title_justify="left")
    found.add_column("项目")
    found.add_column("数值", justify="right")
    found.add_column("说明", style="dim")
    for name, item in measured.items():
        found.add_section()
        found.add_row(f"[bold]{titles[name]}[/bold]", "", item.skipped or f"测前负载 {item.load}")
        for figure in item.figures:
            found.add_row(f"  {figure.name}", figure.shown(), figure.note)
    return found


def save(measured: Mapping[str, Measured], path: Path = RESULTS) -> None:
    """Write the results; what was not measured, or was skipped, this time keeps what stands in the file."""
    kept: dict[str, object] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, item in measured.items():
        if item.figures or name not in kept:
            kept[name] = _plain(item)
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _plain(item: Measured) -> dict[str, object]:
    return {
        "date": item.date,
        "machine": item.machine,
        "load": item.load,
        "skipped": item.skipped,
        "figures": _rounded(item.figures),
    }


def _rounded(figures: Sequence[Figure]) -> list[dict[str, object]]:
    return [{**asdict(figure), "value": round(figure.value, 4)} for figure in figures]
