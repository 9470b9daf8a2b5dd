"""The README's table and its reading, both made from the figures, so that neither can say what was not measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from benchmarks.peers.results import Part
from benchmarks.peers.run import SYSTEMS, Row

_OURS = "zhida"
_QUERY, _BUILD, _MEMORY, _LEVEL = 3.0, 2.0, 2.0, 1.0  # how many times better than the best peer we set out to be
_HEAD = "| 语料 | 系统 | hit@1 | MRR@10 | 只用向量 hit@1 | 建索引 s | p50 ms | p95 ms | CPU ms | 内存 MB | 启动 s |"


def readme_part(results: Mapping[str, Part]) -> str:
    """Conditions, table and reading, in Markdown; nothing where nothing was measured."""
    if not results:
        return ""
    return f"{_conditions(results)}\n\n{_table(results)}\n\n{_reading(results)}\n"


def _conditions(results: Mapping[str, Part]) -> str:
    sizes = "；".join(
        f"{part.title} {part.units:,} 条、{part.texts:,} 段文字、{part.questions} 问（{part.date}，"
        f"{part.threads} 线程，测前负载 {part.load:.1f}）"
        for part in results.values()
    )
    last = list(results.values())[-1]
    versions = "、".join(f"{name} {version}" for name, version in last.versions.items())
    return f"{last.machine}；{versions}。{sizes}。"


def _table(results: Mapping[str, Part]) -> str:
    rows = [
        _line(part.title if place == 0 else "", row) for part in results.values() for place, row in enumerate(part.rows)
    ]
    return "\n".join([_HEAD, "|---|---|" + "---:|" * 9, *rows])


def _line(title: str, row: Row) -> str:
    cells = [
        title,
        SYSTEMS[row.system],
        f"{row.advised.hit_at_1:.3f}",
        f"{row.advised.mrr_at_10:.3f}",
        f"{row.dense.hit_at_1:.3f}" if row.dense else "",
        f"{row.index_s:.1f}",
        f"{row.advised.p50_ms:.1f}",
        f"{row.advised.p95_ms:.1f}",
        f"{row.advised.cpu_ms:.1f}",
        f"{row.memory_mb:.0f}",
        f"{row.startup_s:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _reading(results: Mapping[str, Part]) -> str:
    """What holds and what does not: each claim against the best peer of each corpus, its better way of asking taken."""
    return "".join(
        [
            "怎么读：",
            _quality(results),
            _claim(results, "查询 p50 快", _QUERY, _p50),
            _claim(results, "查询占用的 CPU 时间少", _QUERY, _cpu),
            _claim(results, "建索引快", _BUILD, lambda row: row.index_s),
            _claim(results, "内存峰值小", _MEMORY, lambda row: row.memory_mb),
            _claim(results, "启动快", _LEVEL, lambda row: row.startup_s),
        ]
    )


def _quality(results: Mapping[str, Part]) -> str:
    won: list[str] = []
    lost: list[str] = []
    for part in results.values():
        ours = best_hit(_ours(part))
        best = max(_peers(part), key=best_hit)
        told = f"{part.title}（{ours:.3f} 对 {SYSTEMS[best.system]} {best_hit(best):.3f}）"
        (won if ours > best_hit(best) else lost).append(told)
    first = f"hit@1 高于每一家较好用法的有{_listed(won)}" if won else "hit@1 在哪个语料上都不是最高"
    return f"{first}{f'；输或平的有{_listed(lost)}' if won and lost else ''}。"


def _claim(results: Mapping[str, Part], what: str, goal: float, value: Callable[[Row], float]) -> str:
    ratios = {part.title: min(map(value, _peers(part))) / value(_ours(part)) for part in results.values()}
    missed = [f"{title} {ratio:.1f}" for title, ratio in ratios.items() if ratio < goal]
    outcome = f"没到的有 {_listed(missed)}" if missed else "都到了"
    return f"{what}：是各语料上最好一家的 {min(ratios.values()):.1f}–{max(ratios.values()):.1f} 倍，目标 {goal:g}，{outcome}。"


def best_hit(row: Row) -> float:
    """hit@1 of the better of a system's two ways."""
    return max(row.advised.hit_at_1, row.dense.hit_at_1 if row.dense else 0.0)


def _p50(row: Row) -> float:
    return min(way.p50_ms for way in (row.advised, row.dense) if way)


def _cpu(row: Row) -> float:
    return min(way.cpu_ms for way in (row.advised, row.dense) if way)


def _ours(part: Part) -> Row:
    return next(row for row in part.rows if row.system == _OURS)


def _peers(part: Part) -> list[Row]:
    return [row for row in part.rows if row.system != _OURS]


def _listed(items: Iterable[str]) -> str:
    return "、".join(items)
