"""Reports and comparisons for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from assistant.evaluation.compare import Changed, Comparison, FigureChange, Significance
from assistant.evaluation.figures import flat
from assistant.evaluation.names import DECISION_NAMES, PART_NAMES, figure_name

_SHOWN = 30
_CLEAR = 0.05
# Figures where less is better, by the last part of their name.
_LESS_IS_BETTER = frozenset({"answered_wrong", "clarify_needless", "ece", "p50", "p95", "p99"})
# Counts and mixtures: a change is neither good nor bad in itself.
_NEUTRAL = frozenset({"n", "turns", "clarified", "suggested"})


def summary_table(report: Mapping[str, object]) -> RenderableType:
    """Every figure of a JSON report, without the groups."""
    table = Table("指标", "值", title="评测结果")
    for name, value in flat(report):
        table.add_row(Text(figure_name(name)), Text(_number(value), justify="right"))
    return table


def comparison_table(
    comparison: Comparison, questions: Mapping[str, str] | None = None, *, most: int = _SHOWN
) -> RenderableType:
    """Show a comparison to people.

    Args:
        comparison: from :func:`~assistant.evaluation.compare.compare`.
        questions: text of each question by id, to show beside it.
        most: how many gained and lost questions to list each.

    """
    texts = questions or {}
    return Group(
        _figures(comparison.figures),
        _tests(comparison.tests),
        _changes("变错的题", comparison.lost, texts, most),
        _changes("变对的题", comparison.gained, texts, most),
        Text(_unpaired(comparison)),
    )


def _figures(figures: Iterable[FigureChange]) -> Table:
    table = Table("指标", "之前", "之后", "变化", title="指标对比")
    for figure in figures:
        cells = (figure.before, figure.after)
        table.add_row(Text(figure_name(figure.name)), *(Text(_number(value)) for value in cells), _change(figure))
    return table


def _change(figure: FigureChange) -> Text:
    change, last = figure.change, figure.name.rpartition(".")[2]
    if change is None:
        return Text("—")
    if not change or last in _NEUTRAL or figure.name == "answerable.refused":
        return Text(f"{change:+g}")
    better = (change < 0) == (last in _LESS_IS_BETTER)
    return Text(f"{change:+g}", style="green" if better else "red")


def _tests(tests: Iterable[Significance]) -> Table:
    heads = ("范围", "题数", "变对", "变错", "正确率变化（95% 区间）", "McNemar p", "自助法 p", "结论")
    table = Table(*heads, title="逐题成对检验")
    for test in tests:
        change = f"{_number(test.difference)}（{_number(test.low)} ～ {_number(test.high)}）"
        counts = (str(test.n), str(test.gained), str(test.lost))
        values = (*counts, change, _number(test.p_mcnemar), _number(test.p_bootstrap), _verdict(test))
        table.add_row(PART_NAMES.get(test.part, test.part), *values)
    return table


def _verdict(test: Significance) -> str:
    if test.p_mcnemar >= _CLEAR:
        return "差异不显著"
    return "显著变好" if test.gained > test.lost else "显著变差"


def _changes(title: str, rows: tuple[Changed, ...], texts: Mapping[str, str], most: int) -> RenderableType:
    if not rows:
        return Text(f"{title}：没有")
    more = f"，只列前 {most} 道" if len(rows) > most else ""
    table = Table("编号", "问题", "之前", "之后", title=f"{title}（{len(rows)} 道{more}）")
    for row in rows[:most]:
        before, after = _reply(row.before, row.before_entry), _reply(row.after, row.after_entry)
        table.add_row(*(Text(cell) for cell in (row.id, texts.get(row.id, ""), before, after)))
    return table


def _reply(decision: str, entry: str) -> str:
    return f"{DECISION_NAMES.get(decision, decision)} {entry}".strip()


def _unpaired(comparison: Comparison) -> str:
    before, after = len(comparison.only_before), len(comparison.only_after)
    return f"未配对的题：只在之前 {before} 道，只在之后 {after} 道。" if before or after else "两次评测的题目完全相同。"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:g}"
