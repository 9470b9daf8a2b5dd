"""``python -m benchmarks.scale [--size N]…``: build and ask indexes of growing size, write ``benchmarks/scale.json``."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks.machine import describe, load, run_module
from benchmarks.scale import report
from benchmarks.scale.synthetic import change, read_real, write_corpus
from kb.paths import shipped_corpus
from kb.workspace import Workspace

SIZES = (10_000, 100_000, 1_000_000)

out = Console()
err = Console(stderr=True)


def main(
    size: Annotated[list[int] | None, typer.Option(help="问法的数目；可重复，默认一万、十万、一百万")] = None,
    corpus: Annotated[Path, typer.Option(help="知识库文件夹")] = shipped_corpus(),  # noqa: B008 - a constant
    store: Annotated[Path, typer.Option(help="它的索引，缺失或过期时先建")] = Path(".store"),
    work: Annotated[Path | None, typer.Option(help="造出的知识库和索引放在这里并保留；默认放临时文件夹")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="只跑 2,000 个问法，看跑不跑得通；不写结果")] = False,
) -> None:
    """量规模：一万、十万、一百万个问法的建立、改动、查询和内存，写入 benchmarks/scale.json。"""  # noqa: D415
    results = report.load()
    opened = Workspace(corpus.resolve(), store.resolve(), threads=2).open_fresh()
    real = read_real(corpus.resolve(), opened.searcher.index.dense.vectors())
    del opened
    with tempfile.TemporaryDirectory(prefix="zhida-scale-") as name:
        for count in [2_000] if quick else size or SIZES:
            folder = (work or Path(name)).resolve() / str(count)
            _say(f"{count:,} 个问法：造知识库")
            write_corpus(real, count, folder)
            results["sizes"][str(count)] = _measure(count, folder)
            if work is None:
                shutil.rmtree(folder)
            if not quick:
                report.save(results)
    out.print(report.table(results), highlight=False, soft_wrap=True)


def _measure(count: int, folder: Path) -> dict[str, Any]:
    measured: dict[str, Any] = {
        "forms": count,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": describe(),
        "load": load(),
    }
    measured["build"] = _step("build", folder, "建索引")
    measured["ask"] = _step("ask", folder, "提问")
    change(folder / "corpus")
    measured["change"] = _step("build", folder, "改一条、加一条、删一条后重建")
    return measured


def _step(step: str, folder: Path, title: str) -> dict[str, Any]:
    _say(f"  {title}")
    found: dict[str, Any] = json.loads(run_module("benchmarks.scale.child", step, str(folder)))
    return found


def _say(line: str) -> None:
    err.print(f"[dim]{datetime.now(UTC):%H:%M:%S}[/dim] {line}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
