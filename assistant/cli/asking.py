"""Commands that ask: ``ask``, ``search``, ``eval``, ``compare``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from assistant.cli.console import (
    DEFAULT_CORPUS,
    DEFAULT_STORE,
    CorpusOption,
    JsonOption,
    ModelOption,
    StoreOption,
    VectorsOption,
    err,
    friendly_errors,
    out,
    print_json,
    progress,
    workspace,
    write_file,
)
from assistant.evaluation import RunHistory, compare, comparison_table, load_report, summary_table
from assistant.evaluation.names import DECISION_NAMES
from assistant.evaluation.questions import corpus_files
from assistant.publish import Files, identity_of, replay
from assistant.reply import Assistant
from kb.errors import CorpusError, UsageError
from kb.search import Found
from kb.workspace import Opened

_REASONS = 4


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (ask, search):
        app.command()(command)
    app.command("eval")(run_evaluation)
    app.command("compare")(compare_runs)


def ask(
    question: Annotated[str, typer.Argument(help="要问的问题")],
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    vectors: VectorsOption = "",
    as_json: JsonOption = False,
) -> None:
    """问一个问题，得到带出处的回答。索引缺失或过期时先自动更新。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors():
        with progress() as report:
            opened = workspace(corpus, store, model, report, vectors=vectors).open_fresh()
        _, answer = Assistant(opened.knowledge, opened.searcher).reply(None, question, now=time.time())
        if as_json:
            print_json(answer.to_json())
        else:
            from rich.markdown import Markdown  # a tenth of what is imported, and not for programs

            out.print(Markdown(answer.text))
            summary = (
                f"\n{DECISION_NAMES[answer.decision]} · 把握 {answer.confidence:.0%} · {'、'.join(answer.entries)}"
            )
            err.print(summary, style="dim")


def search(
    question: Annotated[str, typer.Argument(help="要检索的问题；用 --batch 时不填")] = "",
    batch: Annotated[Path | None, typer.Option(help="一批问题（JSONL，每行 id 与 question）")] = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="把一批问题的排序写到这个文件")] = None,
    k: Annotated[int, typer.Option(help="最多给出多少条")] = 10,
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    vectors: VectorsOption = "",
) -> None:
    """检索条目：概率、依据和命中的问法；--batch 为一整个文件排序。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors():
        if not question and batch is None:
            raise UsageError("nothing to search", user_message="请写上要检索的问题，或用 --batch 给出文件。")
        if k < 1:
            raise UsageError(f"k = {k}", user_message="--k 至少为 1。")
        with progress() as report:
            opened = workspace(corpus, store, model, report, vectors=vectors).open_fresh()
        if batch is None:
            _print_hits(opened.searcher.search(question, k))
        else:
            _search_batch(opened, batch, json_out, k)


def run_evaluation(
    answerable: Annotated[Path | None, typer.Option(help="可回答的问题（JSONL）")] = None,
    unanswerable: Annotated[Path | None, typer.Option(help="不该回答的问题（JSONL）")] = None,
    dialogues: Annotated[Path | None, typer.Option(help="多轮对话（JSONL）")] = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="结果写成 JSON")] = None,
    html_out: Annotated[Path | None, typer.Option("--html", help="结果写成网页报告")] = None,
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    vectors: VectorsOption = "",
) -> None:
    """在测试集上评测；不指定文件时用知识库自带的测试集。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors(), progress() as report:
        opened = workspace(corpus, store, model, report, vectors=vectors, threads=1).open_fresh()
        result = replay(opened, test_files(corpus, answerable, unanswerable, dialogues), report)
        data = result.to_json()
        RunHistory(store / "runs").append(data, version=opened.version.id, identity=identity_of(opened))
        if json_out is not None:
            write_file(json_out, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        if html_out is not None:
            from assistant.evaluation.report_html import render_html  # matplotlib: only for who wants plots

            categories = {entry.id: entry.category for entry in opened.knowledge.entries}
            about = {"索引版本": opened.version.id, "知识库": str(corpus.name)}
            write_file(html_out, render_html(result, about, categories=categories))
    out.print(summary_table(data))


def compare_runs(
    before: Annotated[Path, typer.Argument(help="较早一次 eval --json 的结果")],
    after: Annotated[Path, typer.Argument(help="较新一次 eval --json 的结果")],
    as_json: JsonOption = False,
) -> None:
    """逐题比较两次评测：多答对了哪些，多答错了哪些，差别是否显著。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors():
        comparison = compare(load_report(before), load_report(after))
        if as_json:
            print_json(comparison.to_json())
        else:
            out.print(comparison_table(comparison))


def test_files(corpus: Path, answerable: Path | None, unanswerable: Path | None, dialogues: Path | None) -> Files:
    """Return the files of each part: those named; the corpus' own where none is named."""
    named = [(path,) if path else () for path in (answerable, unanswerable, dialogues)]
    if any(named):
        return named[0], named[1], named[2]
    own = [corpus_files(corpus, part) for part in ("answerable", "unanswerable", "dialogues")]
    if not any(own):
        raise UsageError(
            "no test set", user_message=f"{corpus} 里没有 questions/*.jsonl，请用 --answerable 等指定测试集。"
        )
    return own[0], own[1], own[2]


def _print_hits(found: Found) -> None:
    table = Table("条目", "概率", "命中的问法", "依据")
    for hit in found.hits:
        reasons = sorted(hit.features.items(), key=lambda item: -abs(item[1]))[:_REASONS]
        why = "，".join(f"{name} {value:.2f}" for name, value in reasons)
        table.add_row(hit.entry, f"{hit.probability:.2f}", hit.form, why)
    out.print(table)
    likely = "，".join(f"{name} {mass:.2f}" for name, mass in found.boundaries.items() if mass >= 0.01)
    out.print(f"可回答 {found.answerable:.2f}；{likely}", highlight=False)


def _search_batch(opened: Opened, batch: Path, json_out: Path | None, k: int) -> None:
    rows = _batch_rows(batch)
    found = opened.searcher.search_many([question for _, question in rows], k)
    result = [
        {
            "id": name,
            "entries": [hit.entry for hit in item.hits],
            "probabilities": [round(hit.probability, 6) for hit in item.hits],
        }
        for (name, _), item in zip(rows, found, strict=True)
    ]
    if json_out is None:
        print_json(result)
    else:
        write_file(json_out, json.dumps(result, ensure_ascii=False))


def _batch_rows(path: Path) -> list[tuple[str, str]]:
    rows = []
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), 1):
            if line.strip():
                row = json.loads(line)
                rows.append((str(row.get("id", number)), str(row["question"])))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise CorpusError(
            f"{path}: {error}", user_message=f"{path} 读不懂：每行应为带 id 与 question 的 JSON。"
        ) from error
    return rows
