"""Asks the assistant a test set and says how well it did.

``report_html`` (figures, plots, worst misses) is a module of its own, because it needs matplotlib.
"""

from __future__ import annotations

from assistant.evaluation.compare import Comparison, compare
from assistant.evaluation.history import Run, RunHistory, load_report
from assistant.evaluation.run import Ask, Report, evaluate
from assistant.evaluation.tables import comparison_table, summary_table

__all__ = [
    "Ask",
    "Comparison",
    "Report",
    "Run",
    "RunHistory",
    "compare",
    "comparison_table",
    "evaluate",
    "load_report",
    "summary_table",
]
