"""Counters and one histogram in the Prometheus text format 0.0.4; no client library needed for so few."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Upper bounds in seconds around the goal of 8 ms.
_BOUNDS = (0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 4.096)
_HISTOGRAM = "zhida_reply_seconds"
_HELP = {
    "zhida_requests_total": "API requests by route and status.",
    "zhida_answers_total": "Replies by decision.",
    "zhida_history_errors_total": "Turns that the history database did not take.",
    "zhida_rate_limited_total": "Requests refused for coming too fast.",
    "zhida_searches_total": "Searches by where their result came from: the memory of this version or its index.",
    _HISTOGRAM: "Time from question to answer.",
    "zhida_sessions": "Open API conversations.",
    "zhida_info": "Program and index version.",
}
_Labels = tuple[tuple[str, str], ...]


class Metrics:
    """What the process has done since it started; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters: Counter[tuple[str, _Labels]] = Counter()
        self._buckets = [0] * (len(_BOUNDS) + 1)
        self._seconds = 0.0

    def count(self, name: str, **labels: str) -> None:
        """Add one to a counter of ``_HELP``; label values must come from a small closed set."""
        with self._lock:
            self._counters[name, tuple(sorted(labels.items()))] += 1

    def count_search(self, remembered: bool) -> None:
        """Count a search of the pages or the interface."""
        self.count("zhida_searches_total", source="memory" if remembered else "index")

    def observe(self, decision: str, seconds: float) -> None:
        """Count a reply and its time."""
        self.count("zhida_answers_total", decision=decision)
        with self._lock:
            self._buckets[bisect_left(_BOUNDS, seconds)] += 1
            self._seconds += seconds

    def render(self, *, sessions: int, info: Mapping[str, str]) -> str:
        """Write everything in the text format."""
        with self._lock:
            samples = [_sample(name, labels, value) for (name, labels), value in sorted(self._counters.items())]
            samples += self._histogram()
        samples.append(_sample("zhida_sessions", (), sessions))
        samples.append(_sample("zhida_info", tuple(info.items()), 1))
        lines: list[str] = []
        for name, text in _HELP.items():
            own = [sample for sample in samples if _family(sample) == name]
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {_kind(name)}", *own] if own else []
        return "\n".join(lines) + "\n"

    def _histogram(self) -> list[str]:
        lines, total = [], 0
        for bound, count in zip((*map(str, _BOUNDS), "+Inf"), self._buckets, strict=True):
            total += count
            lines.append(_sample(f"{_HISTOGRAM}_bucket", (("le", bound),), total))
        return [*lines, _sample(f"{_HISTOGRAM}_sum", (), self._seconds), _sample(f"{_HISTOGRAM}_count", (), total)]


def _sample(name: str, labels: _Labels, value: float) -> str:
    inside = ",".join(f'{key}="{_escape(text)}"' for key, text in labels)
    return f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _family(sample: str) -> str:
    name = sample.split("{")[0].split(" ")[0]
    return _HISTOGRAM if name.startswith(_HISTOGRAM) else name


def _kind(name: str) -> str:
    if name == _HISTOGRAM:
        return "histogram"
    return "counter" if name.endswith("_total") else "gauge"
