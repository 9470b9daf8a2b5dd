"""How cost grows, drawn as SVG by hand: three small charts on logarithmic axes, nothing to install."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT, _GAP = 300, 220, 20
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 86, 34, 34
_LABEL = 12
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#8c564b", "#e08a00")


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: a title with its unit, and for each line its name and (size, value) points."""

    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


def svg(charts: Sequence[Chart]) -> str:
    """Draw charts side by side; a point without a positive value is left out."""
    width = len(charts) * (_WIDTH + _GAP) - _GAP
    parts = [_chart(chart, place * (_WIDTH + _GAP)) for place, chart in enumerate(charts)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" width="{width}" height="{_HEIGHT}" '
        'font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{_HEIGHT}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _chart(chart: Chart, left: float) -> str:
    points = [point for line in chart.lines.values() for point in line if point[1] > 0]
    across = _Axis([x for x, _ in points], left + _LEFT, left + _WIDTH - _RIGHT)
    up = _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    ticks = [_across(tick, across.place(tick)) for tick in across.ticks]
    ticks += [_up(tick, up.place(tick), across) for tick in up.ticks]
    drawn = {name: [(across.place(x), up.place(y)) for x, y in line if y > 0] for name, line in chart.lines.items()}
    labels = _apart({name: line[-1][1] for name, line in drawn.items() if line})
    lines = [
        _line(name, line, labels[name], _COLOURS[number % len(_COLOURS)])
        for number, (name, line) in enumerate(drawn.items())
        if line
    ]
    heading = f'<text x="{left + 4:.0f}" y="16" font-size="13" fill="#222">{chart.title}</text>'
    return "\n".join([heading, *ticks, *lines])


def _apart(heights: Mapping[str, float]) -> dict[str, float]:
    """Where labels are written so that none covers another: each as near to its line's end as those above it allow."""
    placed: dict[str, float] = {}
    lowest = 0.0
    for name in sorted(heights, key=lambda name: heights[name]):
        placed[name] = lowest = max(heights[name], lowest + _LABEL)
    return placed


class _Axis:
    """A logarithmic axis over whole decades."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self._low = math.floor(math.log10(min(values)) + 1e-9)
        self._high = max(math.ceil(math.log10(max(values)) - 1e-9), self._low + 1)
        self.start, self.end = start, end
        self.ticks = [10.0**power for power in range(self._low, self._high + 1)]

    def place(self, value: float) -> float:
        """Position of a value in pixels."""
        part = (math.log10(value) - self._low) / (self._high - self._low)
        return self.start + part * (self.end - self.start)


def _across(tick: float, x: float) -> str:
    return f'<text x="{x:.1f}" y="{_HEIGHT - 14}" text-anchor="middle" fill="#555">{_short(tick)}</text>'


def _up(tick: float, y: float, across: _Axis) -> str:
    return (
        f'<line x1="{across.start:.1f}" x2="{across.end:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        f'<text x="{across.start - 6:.1f}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{_short(tick)}</text>'
    )


def _line(name: str, points: Sequence[tuple[float, float]], label: float, colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>{dots}'
        f'<text x="{points[-1][0] + 7:.1f}" y="{label + 4:.1f}" fill="{colour}">{name}</text>'
    )


def _short(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if value >= 1e3 else f"{value:g}"
