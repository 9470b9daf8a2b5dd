"""The HTML report: one self-contained page with figures, plots and the worst misses, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.evaluation.confusion import categories_by_intent, decisions_by_intent
from assistant.evaluation.figures import by_group, predictions, ranks
from assistant.evaluation.intervals import Estimate, estimates
from assistant.evaluation.misses import Explain, worst_misses
from assistant.evaluation.names import figure_name
from assistant.evaluation.outcomes import Outcome
from assistant.evaluation.plots import coverage_svg, reliability_svg
from assistant.evaluation.run import Report
from kb import metrics

_TEMPLATE = "report.html.j2"


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of one style or kind: how many, and two shares with the interval of the first."""

    name: str
    n: int
    first: float
    interval: metrics.Interval
    second: float


def render_html(
    report: Report,
    about: Mapping[str, str],
    *,
    categories: Mapping[str, str] | None = None,
    explain: Explain | None = None,
    samples: int = 1000,
) -> str:
    """Render a run as one HTML page without any outside asset; everything from the test set is escaped.

    Args:
        report: the run.
        about: lines for its head: label (Chinese) → value, such as time, index version, model.
        categories: category of each entry id, for the table of intent against category; left out without it.
        explain: question → features of its top candidate; from the reply's trace by default.
        samples: bootstrap resamplings for each interval.

    """
    singles = [*report.of("answerable"), *report.of("unanswerable")]
    given, right = predictions(singles)
    template = _environment().get_template(_TEMPLATE)
    page = template.render(
        about=about,
        counts={part: len(report.of(part)) for part in report.parts},
        estimates=estimates(report.outcomes, samples=samples),
        latency=report.to_json()["latency_ms"],
        plots=_plots(given, right),
        decisions=decisions_by_intent(report.of("answerable")),
        categories=categories_by_intent(report.of("answerable"), categories) if categories else None,
        styles=_styles(report.of("answerable"), samples),
        kinds=_kinds(report.of("unanswerable"), samples),
        misses=worst_misses(report.outcomes, explain),
        wrong=sum(not outcome.correct for outcome in report.outcomes),
    )
    # A lone surrogate, which JSON can spell, cannot be written as UTF-8.
    return page.encode("utf-8", "replace").decode("utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(share=_share, figure=figure_name, estimate=_estimate, spread=_spread)
    return environment


def _plots(given: metrics.Floats, right: metrics.Floats) -> Mapping[str, str]:
    if not given.size:
        return {}
    return {
        "reliability": reliability_svg(metrics.reliability(given, right)),
        "coverage": coverage_svg(metrics.precision_coverage(given, right)),
    }


def _styles(outcomes: Sequence[Outcome], samples: int) -> list[Group]:
    """By style: hit@1 over questions with gold, and share right."""
    return [
        _group(name, rows, metrics.hit_at(ranks(rows), 1), [row.correct for row in rows], samples)
        for name, rows in sorted(by_group(outcomes, "style").items())
        if name
    ]


def _kinds(outcomes: Sequence[Outcome], samples: int) -> list[Group]:
    """By kind: share refused, and share with the expected decision."""
    return [
        _group(name, rows, [row.refused for row in rows], list(map(attrgetter("correct"), rows)), samples)
        for name, rows in sorted(by_group(outcomes, "kind").items())
        if name
    ]


def _group(
    name: str, rows: Sequence[Outcome], first: Sequence[bool] | metrics.Floats, second: Sequence[bool], samples: int
) -> Group:
    interval = metrics.bootstrap_mean(first, samples=samples)
    return Group(name, len(rows), metrics.mean(first), interval, metrics.mean(second))


def _share(value: float) -> str:
    return "—" if value != value else f"{value * 100:.1f}%"  # noqa: PLR0124 - NaN is the one value unequal to itself


def _spread(interval: metrics.Interval) -> str:
    return "—" if interval.low != interval.low else f"{_share(interval.low)} ～ {_share(interval.high)}"  # noqa: PLR0124


def _estimate(estimate: Estimate) -> tuple[str, str]:
    """Value and interval as text; AUROC, ECE and MRR are no percentages."""
    if estimate.name.rpartition(".")[2] in {"auroc", "ece", "mrr@10"}:
        return f"{estimate.value:.3f}", f"{estimate.interval.low:.3f} ～ {estimate.interval.high:.3f}"
    return _share(estimate.value), _spread(estimate.interval)
