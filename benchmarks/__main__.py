"""``python -m benchmarks [--only NAME] [--quick]``: measure, print one table, write ``benchmarks/results.json``."""

from __future__ import annotations

import importlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.capacity import PAGE
from benchmarks.capacity import write as write_page
from benchmarks.machine import describe, load
from benchmarks.records import Benchmark, Settings, Skipped
from benchmarks.report import RESULTS, Measured, save, table
from kb.errors import KbError
from kb.paths import shipped_corpus

# Lightest first: what torch leaves in this process must not touch the others' figures.
TITLES = {
    "latency": "延迟：一个问题到回答",
    "throughput": "吞吐：同时提问",
    "startup": "冷启动",
    "memory": "内存",
    "rebuild": "重建",
    "encoder": "编码器",
    "cmrc": "CMRC 2018 段落检索",
    "precision": "快的模型与原样的模型",
}
_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"

out = Console()
err = Console(stderr=True)


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"只测这些：{'、'.join(TITLES)}；可重复")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="小样本，只看跑不跑得通；不写 results.json")] = False,
    corpus: Annotated[Path, typer.Option(help="知识库文件夹")] = shipped_corpus(),  # noqa: B008 - a constant
    store: Annotated[Path, typer.Option(help="索引存放的文件夹，缺失或过期时先建")] = Path(".store"),
    data: Annotated[Path, typer.Option(help="公开数据所在的文件夹")] = _DATA,
) -> None:
    """测量速度与质量，打印一张表，写入 benchmarks/results.json。"""  # noqa: D415 - the help text is Chinese
    names = only or list(TITLES)
    unknown = [name for name in names if name not in TITLES]
    if unknown:
        raise typer.BadParameter(f"没有 {'、'.join(unknown)}，可选 {'、'.join(TITLES)}")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    settings = Settings(corpus.resolve(), store.resolve(), data, quick, _say)
    try:
        measured = {name: _measure(name, settings) for name in TITLES if name in names}
    except KbError as error:
        err.print(f"[red]出错了：[/red]{error.user_message}", highlight=False)
        raise typer.Exit(1) from error
    out.print(table(measured, TITLES))
    if not quick:
        save(measured)
        write_page()
        out.print(f"已写入 {RESULTS} 和 {PAGE}", highlight=False)


def _measure(name: str, settings: Settings) -> Measured:
    """Import a benchmark only when it runs: torch and onnxruntime are not free."""
    err.print(f"[bold]{TITLES[name]}[/bold]", highlight=False)
    run: Benchmark = importlib.import_module(f"benchmarks.{name}").run
    date, busy = f"{datetime.now(UTC):%Y-%m-%d}", load()
    try:
        return Measured(date, describe(), busy, figures=tuple(run(settings)))
    except Skipped as reason:
        err.print(f"  跳过：{reason}", highlight=False)
        return Measured(date, describe(), busy, skipped=f"跳过：{reason}")


def _say(line: str) -> None:
    err.print(f"  [dim]{line}[/dim]", highlight=False)


if __name__ == "__main__":
    typer.run(main)
