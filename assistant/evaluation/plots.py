"""Plots as SVG text for the HTML report; matplotlib is imported here and nowhere else.

Labels are English: matplotlib draws boxes for Chinese where the machine has no Chinese font.
"""

from __future__ import annotations

import io

import matplotlib
from matplotlib import RcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from kb.metrics import Bin, Coverage

_INK, _FAINT = "#1f6feb", "#8b949e"
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def reliability_svg(bins: tuple[Bin, ...]) -> str:
    """Reliability diagram: accuracy against mean probability of each bin, the area of a dot by its size."""
    with matplotlib.rc_context(_style("reliability")):
        figure, axes = _axes("Mean predicted probability", "Share correct")
        axes.plot([0, 1], [0, 1], color=_FAINT, linestyle="--", linewidth=1, label="perfectly calibrated")
        most = max((part.n for part in bins), default=1)
        sizes = [20 + 80 * part.n / most for part in bins]
        confidence, accuracy = [part.confidence for part in bins], [part.accuracy for part in bins]
        axes.plot(confidence, accuracy, color=_INK, linewidth=1)
        axes.scatter(confidence, accuracy, s=sizes, color=_INK, label="ten bins of equal size")
        axes.legend(loc="upper left", frameon=False)
        return _svg(figure)


def coverage_svg(curve: Coverage) -> str:
    """Precision–coverage curve."""
    with matplotlib.rc_context(_style("coverage")):
        figure, axes = _axes("Coverage: share of questions answered", "Precision: share of those right")
        axes.plot(curve.coverage, curve.precision, color=_INK, linewidth=1.6, drawstyle="steps-post")
        return _svg(figure)


def _style(salt: str) -> RcParams:
    """Set a plot up: text drawn as paths needs no font; a fixed salt keeps the SVG's ids equal between runs."""
    return RcParams({"svg.fonttype": "path", "svg.hashsalt": salt, "font.family": ["DejaVu Sans"], "font.size": 10.0})


def _axes(x: str, y: str) -> tuple[Figure, Axes]:
    # A Figure of its own, not pyplot's: no global state, safe beside a web server's threads.
    figure = Figure(figsize=(4.8, 3.8), layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel=x, ylabel=y, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(color="#d0d7de", linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=_NO_METADATA, transparent=True)
    text = buffer.getvalue()
    return text[text.index("<svg") :]
