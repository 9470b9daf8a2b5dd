"""``python -m benchmarks.peers [--quick] [--only CORPUS]``: measure all four, write the results and the README's part."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.machine import describe, load
from benchmarks.peers import results as kept
from benchmarks.peers.environment import environment, pinned
from benchmarks.peers.report import readme_part
from benchmarks.peers.run import SYSTEMS, run_task
from benchmarks.peers.tasks import TASKS, Sources, Task
from kb.embedding import default_root, materialise, prepare
from kb.paths import shipped_corpus
from kb.workspace import DELTA

_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_PACKAGES = ("txtai", "haystack-ai", "llama-index-core", "sentence-transformers", "torch")
_QUICK_ENTRIES, _QUICK_QUESTIONS = 50, 20

out = Console()
err = Console(stderr=True)


def main(
    data: Annotated[Path, typer.Option(help="公开数据所在的文件夹")] = _DATA,
    corpus: Annotated[Path, typer.Option(help="随附的知识库文件夹")] = shipped_corpus(),  # noqa: B008 - a constant
    only: Annotated[list[str] | None, typer.Option(help=f"只测这些语料：{'、'.join(TASKS)}；可重复")] = None,
    questions: Annotated[int, typer.Option(help="每个语料最多问多少题，固定种子抽取")] = 500,
    threads: Annotated[int, typer.Option(help="每一家用的线程数")] = 2,
    quick: Annotated[bool, typer.Option("--quick", help="小样本，只看跑不跑得通；不写结果")] = False,
) -> None:
    """与 txtai、Haystack、LlamaIndex 对照，写入 benchmarks/peers.json 和 README 的表。"""  # noqa: D415 - the help text is Chinese
    names = only or list(TASKS)
    unknown = [name for name in names if name not in TASKS]
    if unknown:
        raise typer.BadParameter(f"没有 {'、'.join(unknown)}，可选 {'、'.join(TASKS)}")
    if not data.is_dir():
        raise typer.BadParameter(f"没有文件夹 {data}，请用 --data 指出公开数据在哪里")
    sources = Sources(data, corpus.resolve(), questions)
    if quick:
        sources = Sources(data, corpus.resolve(), _QUICK_QUESTIONS, _QUICK_ENTRIES)
    theirs = environment(_say)
    pythons = {system: Path(sys.executable) if system == "zhida" else theirs for system in SYSTEMS}
    measured: dict[str, kept.Part] = {}
    for name in names:
        measured[name] = _measured(name, sources, pythons, threads)
        if not quick:  # after each, so that an interrupted run keeps what it has
            _publish(measured)
    out.print(readme_part(measured if quick else kept.load()), highlight=False, soft_wrap=True)


def _measured(name: str, sources: Sources, pythons: dict[str, Path], threads: int) -> kept.Part:
    date, busy = f"{datetime.now(UTC):%Y-%m-%d}", load()
    with tempfile.TemporaryDirectory(prefix="zhida-peers-") as folder:
        task = TASKS[name](sources, Path(folder, "corpus"))
        rows = run_task(task, _model(task, sources), pythons, threads, _say)
    return kept.Part(
        title=task.title,
        texts=len(task.texts),
        units=len({unit for unit, _ in task.texts}),
        questions=len(task.questions),
        date=date,
        machine=describe(),
        load=busy,
        threads=threads,
        versions=pinned(*_PACKAGES),
        rows=tuple(rows),
    )


def _publish(measured: dict[str, kept.Part]) -> None:
    kept.save(measured)
    readme = kept.README.read_text(encoding="utf-8")
    kept.README.write_text(kept.put_into(readme, readme_part(kept.load())), encoding="utf-8")
    _say(f"已写入 {kept.RESULTS.name} 和 {kept.README.name}")


def _model(task: Task, sources: Sources) -> Path:
    """The folder that all systems embed with; its int8 form, which ours serves from, is made before anything is timed."""
    delta = sources.corpus / DELTA if task.adapted else None
    prepare(default_root(), delta=delta)
    return materialise(default_root(), delta=delta)


def _say(line: str) -> None:
    err.print(f"  [dim]{line}[/dim]", highlight=False)


if __name__ == "__main__":
    typer.run(main)
