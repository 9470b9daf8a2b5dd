"""What every command shares: where things are, how progress and errors look."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from kb.errors import KbError, UsageError
from kb.paths import shipped_corpus
from kb.workspace import Workspace

# No markup: what is printed holds paths and texts of the corpus, and [x] in them is not a style.
out = Console(markup=False)
err = Console(markup=False, stderr=True)

CorpusOption = Annotated[Path, typer.Option("--corpus", help="知识库文件夹", envvar="ZHIDA_CORPUS")]
StoreOption = Annotated[Path, typer.Option("--store", help="索引存放的文件夹", envvar="ZHIDA_STORE")]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="改用本机的其他 sentence-transformers 模型（名称或文件夹）", envvar="ZHIDA_MODEL"),
]
VectorsOption = Annotated[
    str,
    typer.Option(
        "--vectors",
        help="向量库地址，如 http://milvus:19530；默认存在索引文件夹的 FAISS",
        envvar="ZHIDA_VECTORS",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")]
DEFAULT_CORPUS = shipped_corpus()
DEFAULT_STORE = Path(".store")
_LINE_EVERY = 60.0  # seconds

Report = Callable[[str, float], None]


@contextmanager
def progress() -> Iterator[Report]:
    """Show long work on standard error: what is being done, how far, how long.

    Where that is no terminal, as in a log, a bar cannot move: a line is written once a minute.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=err,
    )
    tasks: dict[str, TaskID] = {}
    started = told = time.monotonic()

    def report(phrase: str, share: float) -> None:
        nonlocal told
        if phrase not in tasks:
            for task in tasks.values():
                bar.update(task, completed=1.0)
            tasks[phrase] = bar.add_task(phrase, total=1.0)
        bar.update(tasks[phrase], completed=share)
        now = time.monotonic()
        if not err.is_terminal and now - told >= _LINE_EVERY:
            told = now
            err.print(f"{phrase} {share:.0%}，已 {(now - started) / 60:.0f} 分钟", highlight=False)

    with bar:
        yield report


def on_one_line(phrase: str, share: float) -> None:
    """Show long work of a server on standard error; a bar would hold the terminal that its other lines are written to."""
    end = "\n" if share >= 1 else ""
    if end or err.is_terminal:
        err.print(f"\r{phrase} {share:.0%}", end=end, highlight=False, soft_wrap=True)


def workspace(
    corpus: Path,
    store: Path,
    model: str | None,
    report: Report | None = None,
    *,
    vectors: str = "",
    threads: int | None = None,
) -> Workspace:
    """Open the workspace that the options name; the encoder takes all cores unless told otherwise."""
    cores = threads or os.cpu_count() or 1
    return Workspace(corpus, store, model=model, vectors=vectors, progress=report, threads=cores)


@contextmanager
def friendly_errors() -> Iterator[None]:
    """Show our own errors as one Chinese sentence and leave with status 1."""
    try:
        yield
    except KbError as error:
        err.print(Text.assemble(("出错了：", "red"), error.user_message))
        if os.environ.get("ZHIDA_DEBUG"):
            raise
        raise typer.Exit(1) from error


def print_json(data: object) -> None:
    """Write JSON to standard output."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def write_file(path: Path, text: str) -> None:
    """Write a file that an option names, with the folders it lies in.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error}", user_message=f"写不进 {path}：{error.strerror}。请换一个位置。"
        ) from error
