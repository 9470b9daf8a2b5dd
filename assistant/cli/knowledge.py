"""Commands that change or check knowledge: ``build``, ``adapt``, ``lint``, ``import``, ``export``, ``publish``, ``rollback``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from assistant.cli.console import (
    DEFAULT_CORPUS,
    DEFAULT_STORE,
    CorpusOption,
    ModelOption,
    StoreOption,
    VectorsOption,
    err,
    friendly_errors,
    out,
    progress,
    workspace,
)
from assistant.editing.desk import lay_out, previous_version
from assistant.editing.proving import own_test_set
from assistant.editing.publishing import Publisher
from assistant.evaluation import compare, comparison_table
from assistant.publish import replay
from assistant.template_check import check_templates
from kb.corpus import load_corpus
from kb.errors import KbError, StoreError, UsageError
from kb.exchange.exporting import export_faq
from kb.exchange.importing import ImportReport, import_file
from kb.lint import lint as lint_corpus
from kb.search import Searcher
from kb.snapshot import load_knowledge
from kb.store import Store
from kb.workspace import DELTA, Opened, Workspace

# Who did it, in the audit log that the pages show.
_COMMAND_LINE = "命令行"
_COUNTED = {"entries": "条问答", "sections": "个文章小节", "boundaries": "组边界例句", "rows": "行文字"}


class Device(StrEnum):
    """What ``adapt`` trains on."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (build, adapt, lint, publish, rollback):
        app.command()(command)
    app.command("import")(import_knowledge)
    app.command("export")(export_knowledge)


def build(
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    vectors: VectorsOption = "",
    refit: Annotated[bool, typer.Option("--refit", help="即使改动很少也重新拟合排序与校准")] = False,
) -> None:
    """建立或更新索引；没有变化的文字不会重新计算。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors():
        with progress() as report:
            version = workspace(corpus, store, model, report, vectors=vectors).build(refit=refit)
        out.print(f"已建成版本 {version.id}：{_counted(version.manifest['counts'])}", highlight=False)


def _counted(counts: object) -> str:
    given = counts if isinstance(counts, Mapping) else {}
    return "、".join(f"{given[name]} {said}" for name, said in _COUNTED.items() if name in given)


def adapt(
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    epochs: Annotated[
        int,
        typer.Option(
            min=0,
            help="全部问法练几遍，之后还没把握的再练几遍按比例定；0 为默认（从头 2 遍，--onward 1 遍，--thorough 3 遍）",
        ),
    ] = 0,
    onward: Annotated[bool, typer.Option("--onward", help="从现在的权重接着练，用于知识库小改之后")] = False,
    thorough: Annotated[
        bool,
        typer.Option("--thorough", help="练得更久，并且不忘掉别的语言；随附的知识库双核要一个半小时到几小时"),
    ] = False,
    device: Annotated[Device, typer.Option(help="在哪里练：auto 有 GPU（CUDA）就用，没有就用处理器")] = Device.AUTO,
    undo: Annotated[bool, typer.Option("--rollback", help="换回上一次的权重")] = False,
) -> None:
    """用知识库自己的问法微调语义模型；只在留出的问法上变好时才启用。中断后再次运行会接着训练。"""  # noqa: D415 - the help text is Chinese
    from kb.adapt import adapt as run_adaptation  # torch and datasets: only for who trains
    from kb.adapt import roll_back
    from kb.adapt.encoding import pick_device
    from kb.adapt.settings import FURTHER, THOROUGH, Settings

    with friendly_errors():
        target = corpus / DELTA
        if undo:
            roll_back(target)
            out.print("已换回上一次的权重，请运行 zhida build。")
            return
        if onward and thorough:
            raise UsageError("onward and thorough", user_message="--onward 和 --thorough 只能选一个。")
        with progress() as report:
            usual = THOROUGH if thorough else FURTHER if onward else Settings()
            result = run_adaptation(
                load_corpus(corpus),
                target,
                store / "adapt",
                settings=usual.lasting(epochs or usual.epochs),
                onward=onward,
                device=pick_device(device),
                progress=report,
            )
        out.print(
            f"留出问法 hit@1：{result.before.hit_at_1} → {result.after.hit_at_1}，AUROC：{result.before.auroc} → {result.after.auroc}"
        )
        out.print("新权重已启用，请运行 zhida build。" if result.kept else "没有变好，继续使用原来的权重。")


def lint(
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    vectors: VectorsOption = "",
) -> None:
    """检查知识库和模板：编号、撞车的问法、违反口径的数字、找不到自己的标准问……有错误时退出码为 1。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors():
        with progress() as report:
            searcher, unlooked = _searcher_of(workspace(corpus, store, model, report, vectors=vectors))
            findings = [*check_templates(), *lint_corpus(corpus, searcher=searcher)]
        for finding in findings:
            color = "red" if finding.severity == "error" else "yellow"
            place = f" {finding.file}:{finding.line} "
            name = "错误" if finding.severity == "error" else "提醒"
            out.print(Text.assemble((name, color), place, finding.message))
        errors = sum(finding.severity == "error" for finding in findings)
        if unlooked:
            out.print(f"没有检查标准问能否找到自己：{unlooked}", highlight=False)
        out.print(f"{errors} 个错误，{len(findings) - errors} 个提醒", highlight=False)
        if errors:
            raise typer.Exit(1)


def _searcher_of(space: Workspace) -> tuple[Searcher | None, str]:
    """Open the index if it is of this very corpus, else say why not; a check writes nothing, so it builds none."""
    try:
        stale = space.stale()
        return (None, f"{stale}运行 zhida build 之后再查。") if stale else (space.open().searcher, "")
    except KbError as error:
        return None, error.user_message


def import_knowledge(
    path: Annotated[Path, typer.Argument(help="文章（md、txt、html、docx、pdf）或问答表（yaml、csv、xlsx、jsonl）")],
    corpus: CorpusOption = DEFAULT_CORPUS,
    mode: Annotated[
        str, typer.Option(help="merge 合并到已有条目、append 只加新的、replace 同一条整条替换，其余不动")
    ] = "merge",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说会发生什么，不写入")] = False,
) -> None:
    """导入文章或问答表；坏行会逐行报告，好行不受影响。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors():
        _print_import(import_file(path, corpus, mode, dry_run), dry_run)


def export_knowledge(
    path: Annotated[Path, typer.Argument(help="写到哪个文件")],
    corpus: CorpusOption = DEFAULT_CORPUS,
    format: Annotated[str, typer.Option("--format", help="xlsx、csv、jsonl 或 yaml")] = "xlsx",  # noqa: A002
) -> None:
    """把全部问答导出成表格，改完可再导入。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors():
        entries = load_corpus(corpus).entries
        export_faq(entries, path, format)
        out.print(f"已导出 {len(entries)} 条到 {path}", highlight=False)


def publish(
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    vectors: VectorsOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="不询问，直接发布")] = False,
) -> None:
    """建成新版本，与现在的版本逐题对比后再发布。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors(), ExitStack() as held:
        with progress() as report:
            space = workspace(corpus, store, model, report, vectors=vectors)
            publisher = lay_out(space).publisher
            fresh = held.enter_context(publisher.trial())
            serving, before = space.store.serving(), _served(space)  # a switch that was cut short is finished by now
        with progress() as report:
            proof = _proof(corpus, before, space.open(fresh), report)
        out.print(proof, highlight=False)
        if not yes and not typer.confirm("发布这个版本吗？"):
            out.print("没有发布，原来的版本继续服务。")
            raise typer.Exit(1)
        _approve(publisher, space.store, fresh, serving)


def _served(space: Workspace) -> Opened | None:
    """Open the version that serves, None where none opens: there is nothing to compare with then."""
    try:
        return space.open()
    except StoreError:
        return None


def _proof(corpus: Path, before: Opened | None, after: Opened, report: Callable[[str, float], None]) -> RenderableType:
    """Compare both versions on the corpus' own test set; say so where there is nothing to compare."""
    files = own_test_set(corpus)
    if before is None:
        return "现在没有可用的版本，没有逐题对比。"
    if not any(files):
        return f"{corpus} 里没有测试集（questions/*.jsonl），没有逐题对比；放入测试集后，发布前会先对比。"
    old, new = (replay(opened, files, report).to_json() for opened in (before, after))
    return comparison_table(compare(old, new))


def _approve(publisher: Publisher, store: Store, version: str, since: str) -> None:
    """Let a version serve, and say so whenever it does: an interrupt may come after that."""
    try:
        publisher.approve(version, _COMMAND_LINE, since)
    finally:
        if store.serving() == version:
            out.print(f"已发布 {version}", highlight=False)


def rollback(
    corpus: CorpusOption = DEFAULT_CORPUS,
    store: StoreOption = DEFAULT_STORE,
    model: ModelOption = None,
    index_only: Annotated[
        bool, typer.Option("--index-only", help="只换索引，知识库文件不动（旧版没有保存文件，或文件另有管理时用）")
    ] = False,
    vectors: VectorsOption = "",
) -> None:
    """换回上一个版本：索引和建它的知识库文件一起换，与网页上的回退相同。"""  # noqa: D415 - the help text is Chinese
    with friendly_errors():
        space = workspace(corpus, store, model, vectors=vectors)
        serving = space.store.current_id()
        if not index_only:
            _require_built_from(corpus, space)
        tools = lay_out(space)
        version = previous_version(tools, serving)
        if index_only:
            space.store.switch(version, since=serving)
            out.print(f"已换回 {version}，知识库文件没有动", highlight=False)
            return
        aside = tools.publisher.roll_back(version, _COMMAND_LINE)
        out.print(f"已换回 {version}，知识库文件也换回了当时的内容", highlight=False)
        if aside is not None:
            out.print(f"换掉的文件里有没建成版本的改动，存在 {aside}", highlight=False)


def _require_built_from(folder: Path, space: Workspace) -> None:
    """Make sure that the index was built from this folder, before its files are replaced by those of an older version.

    Raises:
        UsageError: not one entry or article of the folder is in the index.
    """
    corpus = load_corpus(folder)
    known = load_knowledge(space.store.current().folder)
    ours = {entry.id for entry in corpus.entries} | {document.id for document in corpus.documents}
    if ours.isdisjoint({*known.entry_by_id, *known.document_by_id}):
        raise UsageError(
            f"{space.store.folder} was not built from {folder}",
            user_message=f"{space.store.folder} 的索引不是由 {folder} 建的，没有动任何文件；请用 --corpus 写明知识库文件夹。",
        )


def _print_import(report: ImportReport, dry_run: bool) -> None:
    verb = "将" if dry_run else "已"
    out.print(
        f"{verb}新增 {len(report.added)} 条，{verb}合并 {len(report.merged)} 条，跳过 {len(report.skipped)} 条，失败 {len(report.failed)} 条"
    )
    for fault in (*report.skipped, *report.failed):
        err.print(f"  {fault}", highlight=False)
    for dropped in report.dropped:
        line = f"  去掉第 {dropped.line_no} 行（{dropped.reason}）：{dropped.text}"
        err.print(line, style="dim", highlight=False)
    for path in report.written:
        out.print(f"{verb}写入 {path}", highlight=False)
