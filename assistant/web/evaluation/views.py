"""Runs, their reports and comparisons as HTML. Everything shown is escaped."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evaluation import Comparison, Run
from assistant.evaluation.differences import Difference
from assistant.evaluation.figures import flat
from assistant.evaluation.names import DECISION_NAMES, PART_NAMES, figure_name
from assistant.web.acts import act, chip, folded, table
from assistant.web.markup import block, escape

_CLEAR = 0.05
_SHOWN = 300
_HEADS = (
    "answerable.hit@1",
    "answerable.answered_correct",
    "answerable.answered_wrong",
    "unanswerable.expect_met",
    "auroc",
)


def runs_view(runs: Sequence[Run]) -> str:
    """All runs, newest first, with their main figures."""
    rows = []
    for run in reversed(runs):
        figures = dict(flat(run.report))
        cells = [_number(figures.get(name)) for name in _HEADS]
        name = f"{escape(label(run))}<small>{escape(run.version)}</small>"
        rows.append((name, *cells, act("report", "看报告", run=run.id)))
    heads = ("评测", *(figure_name(name) for name in _HEADS), "")
    return table(heads, rows, empty="还没有评测过，按「运行测试集」开始。")


def label(run: Run) -> str:
    """Name a run for a person."""
    return run.time.replace("T", " ").replace("+00:00", " UTC")


def report_frame(page: str) -> str:
    """Show a kept report, a whole page of its own, in a frame that runs no script."""
    if not page:
        return '<p class="zd-note">这次评测没有保存网页报告（由命令行运行的评测用 --html 另存）。</p>'
    return f'<iframe class="zd-report" title="评测报告" sandbox="" srcdoc="{escape(page)}"></iframe>'


def comparison_view(comparison: Comparison, lost: Sequence[Difference], gained: Sequence[Difference]) -> str:
    """What changed from one run to another, question by question."""
    whole = next(iter(comparison.tests), None)
    verdict = ""
    if whole is not None:
        sure = "差异不显著" if whole.p_mcnemar >= _CLEAR else "显著变好" if whole.gained > whole.lost else "显著变差"
        verdict = f'<p class="zd-note">共同的 {whole.n} 题，McNemar p = {whole.p_mcnemar:g}：{sure}。</p>'
    figures = [
        (escape(figure_name(item.name)), _number(item.before), _number(item.after), _signed(item.change))
        for item in comparison.figures
        if item.change
    ]
    unpaired = len(comparison.only_before) + len(comparison.only_after)
    return (
        f"<p>{chip(f'变好 {len(gained)}', 'good')}{chip(f'变坏 {len(lost)}', 'bad' if lost else '')}</p>{verdict}"
        + folded(f"变坏的 {len(lost)} 题", _questions(lost), opened=True)
        + folded(f"变好的 {len(gained)} 题", _questions(gained), opened=True)
        + folded("指标", table(("指标", "之前", "之后", "变化"), figures, empty="各项指标都没有变化。"), opened=True)
        + (f'<p class="zd-note">有 {unpaired} 题只在其中一次评测里。</p>' if unpaired else "")
    )


def _questions(items: Sequence[Difference]) -> str:
    rows = [
        (
            f"{block(item.question)}<small>{escape(PART_NAMES.get(item.part, item.part))} {escape(item.id)}</small>",
            _reply(item.before, item.before_entry, item.before_probability),
            _reply(item.after, item.after_entry, item.after_probability),
        )
        for item in items[:_SHOWN]
    ]
    return table(("问题", "之前", "之后"), rows)


def _reply(decision: str, entry: str, probability: float) -> str:
    return f"{escape(DECISION_NAMES.get(decision, decision))} <b>{probability:.0%}</b><small>{escape(entry)}</small>"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:g}"


def _signed(value: float | None) -> str:
    return "—" if value is None else f"{value:+g}"
