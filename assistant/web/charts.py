"""Bars and lines over days as SVG, with a table under each: no plotting library, no font of ours, readable in the dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.web.acts import folded, table
from assistant.web.markup import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 900.0, 220.0, 44.0, 26.0, 10.0
_GRID = 4
_MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Series:
    """One series: name, colour, and a value for each label; None leaves a gap."""

    name: str
    colour: str
    values: Sequence[float | None]


def bars(title: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Stack the series as bars, one for each label."""
    sums = [sum(item.values[at] or 0.0 for item in series) for at in range(len(labels))]
    top = _nice(max(sums, default=0.0))
    step = (_WIDTH - _LEFT) / max(1, len(labels))
    drawn = []
    for at, label in enumerate(labels):
        base = 0.0
        for item in series:
            value = item.values[at] or 0.0
            if value:
                y, height = _y(base + value, top), _y(base, top) - _y(base + value, top)
                drawn.append(
                    f'<rect x="{_LEFT + step * (at + 0.12):.1f}" y="{y:.1f}" width="{step * 0.76:.1f}" '
                    f'height="{height:.1f}" fill="{item.colour}"><title>{escape(label)} {escape(item.name)} {value:g}</title></rect>'
                )
                base += value
    return _figure(title, labels, series, "".join(drawn), top, "{:g}")


def shares(title: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Draw shares between 0 and 1 as lines."""
    step = (_WIDTH - _LEFT) / max(1, len(labels))
    drawn = []
    for item in series:
        points = [
            (_LEFT + step * (at + 0.5), _y(value, 1.0)) for at, value in enumerate(item.values) if value is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{item.colour}" stroke-width="2.5"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{item.colour}"/>' for x, y in points]
    return _figure(title, labels, series, "".join(drawn), 1.0, "{:.0%}")


def legend(series: Sequence[Series]) -> str:
    """Name the colours."""
    marks = "".join(f'<li><i style="background:{item.colour}"></i>{escape(item.name)}</li>' for item in series)
    return f'<ul class="zd-legend">{marks}</ul>'


def _figure(title: str, labels: Sequence[str], series: Sequence[Series], drawn: str, top: float, form: str) -> str:
    grid = "".join(_grid_line(top * at / _GRID, top, form) for at in range(_GRID + 1))
    svg = (
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-label="{escape(title)}" class="zd-chart">'
        f"{grid}{drawn}{_names(labels)}</svg>"
    )
    rows = [
        (escape(label), *("—" if item.values[at] is None else form.format(item.values[at]) for item in series))
        for at, label in enumerate(labels)
    ]
    numbers = folded("看数字", table(("日期", *(item.name for item in series)), rows[::-1]))
    return f'<figure class="zd-figure"><figcaption>{escape(title)}</figcaption>{legend(series)}{svg}{numbers}</figure>'


def _grid_line(value: float, top: float, form: str) -> str:
    y = _y(value, top)
    return (
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" class="zd-grid"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{form.format(value)}</text>'
    )


def _names(labels: Sequence[str]) -> str:
    step = (_WIDTH - _LEFT) / max(1, len(labels))
    every = max(1, -(-len(labels) // _MOST_LABELS))
    return "".join(
        f'<text x="{_LEFT + step * (at + 0.5):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>'
        for at, label in enumerate(labels)
        if at % every == 0
    )


def _y(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (value / top if top else 0.0) * (_HEIGHT - _BOTTOM - _TOP)


def _nice(value: float) -> float:
    """Round up to a number that divides into whole quarters: 4, 8, 12, 20, 40, 80, 120 and so on."""
    scale = 1.0
    while value > 20 * scale:
        scale *= 10
    return next(factor * scale for factor in (4.0, 8.0, 12.0, 20.0) if value <= factor * scale)
