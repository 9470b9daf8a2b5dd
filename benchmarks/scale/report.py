"""The results file, the README's table and the picture, all from the same figures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.scale.plot import Chart, svg

RESULTS = Path(__file__).resolve().parent.parent / "scale.json"
_ROOT = RESULTS.parent.parent
PICTURE = _ROOT / "docs" / "scale.svg"
README = _ROOT / "README.md"
_TABLE = re.compile(r"(?<=<!-- scale -->\n).*?(?=<!-- /scale -->)", re.DOTALL)
Size = Mapping[str, Any]
_STEPS = {"analyse": "分析", "encode": "编码", "dense": "稠密", "bm25": "BM25"}
_COLUMNS: tuple[tuple[str, Callable[[Size], str]], ...] = (
    ("问法", lambda size: f"{size['forms']:,}"),
    ("建索引", lambda size: _seconds(size["build"]["seconds"])),
    ("改一条后重建", lambda size: _seconds(size["change"]["seconds"])),
    ("打开", lambda size: _seconds(size["ask"]["open_seconds"])),
    ("问 p50 / p95", lambda size: _pair(size["ask"]["ms"])),
    ("稠密 p50 / p95", lambda size: _pair(size["ask"]["steps"]["dense"]["ms"])),
    ("BM25 p50 / p95", lambda size: _pair(size["ask"]["steps"]["bm25"]["ms"])),
    ("recall@10", lambda size: f"{size['ask']['recall']['@10']:.4f}"),
    ("内存（另有映射）", lambda size: _memory(size["ask"]["memory_mb"]["asked"])),
    ("建索引的内存", lambda size: f"{size['build']['peak_mb'] / 1000:.1f} GB"),
    ("磁盘", lambda size: f"{size['build']['disk_mb']:,.0f} MB"),
)


def table(results: Mapping[str, Any]) -> str:
    """Give the README's table in Markdown, one row for each size."""
    rows = [[show(size) for _, show in _COLUMNS] for size in _sizes(results)]
    head = [[name for name, _ in _COLUMNS], ["---", *["---:"] * (len(_COLUMNS) - 1)]]
    return "".join(f"| {' | '.join(row)} |\n" for row in [*head, *rows])


def picture(results: Mapping[str, Any]) -> str:
    """Draw latency by step, time to build and memory against the number of forms."""
    sizes = _sizes(results)

    def line(value: Callable[[Size], float]) -> list[tuple[float, float]]:
        return [(float(size["forms"]), value(size)) for size in sizes]

    latency = {"端到端": line(lambda size: size["ask"]["ms"]["p50"])}
    for step, name in _STEPS.items():
        latency[name] = line(lambda size, step=step: size["ask"]["steps"][step]["ms"]["p50"])  # type: ignore[misc]
    return svg(
        [
            Chart("一个问题 p50（毫秒）", latency),
            Chart(
                "建索引（秒）",
                {
                    "全部": line(lambda size: size["build"]["seconds"]),
                    "改一条": line(lambda size: size["change"]["seconds"]),
                    "打开": line(lambda size: size["ask"]["open_seconds"]),
                },
            ),
            Chart(
                "内存与磁盘（MB）",
                {
                    "进程自己": line(lambda size: size["ask"]["memory_mb"]["asked"]["own"]),
                    "映射": line(lambda size: size["ask"]["memory_mb"]["asked"]["mapped"]),
                    "磁盘": line(lambda size: size["build"]["disk_mb"]),
                },
            ),
        ]
    )


def load(path: Path = RESULTS) -> dict[str, Any]:
    """Read earlier results; nothing where there are none."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"sizes": {}}
    return found


def save(results: Mapping[str, Any], root: Path = _ROOT) -> None:
    """Write results, picture and the README's table."""
    path, drawn, readme = (root / file.relative_to(_ROOT) for file in (RESULTS, PICTURE, README))
    path.write_text(json.dumps(_rounded(results), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    drawn.write_text(picture(results), encoding="utf-8")
    text = _TABLE.sub(lambda _: f"{_conditions(results)}\n\n{table(results)}", readme.read_text(encoding="utf-8"))
    readme.write_text(text, encoding="utf-8")


def _conditions(results: Mapping[str, Any]) -> str:
    """When, where and at what load each size was measured: figures of a busy machine say so."""
    sizes = _sizes(results)
    loads = "、".join(f"{size['load']}" for size in sizes)
    return f"{sizes[-1]['date']}，{sizes[-1]['machine']}；各行测前负载 {loads}。"


def _sizes(results: Mapping[str, Any]) -> list[Size]:
    return sorted(results["sizes"].values(), key=lambda size: int(size["forms"]))


def _rounded(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.1f} 分"


def _pair(ms: Mapping[str, float]) -> str:
    return f"{ms['p50']:.1f} / {ms['p95']:.1f} ms"


def _memory(memory: Mapping[str, float]) -> str:
    return f"{memory['own']:,.0f} MB（{memory['mapped']:,.0f}）"
