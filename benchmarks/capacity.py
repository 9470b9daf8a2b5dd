"""``python -m benchmarks.capacity``: write ``docs/capacity.md``, arithmetic on what ``benchmarks/results.json`` says."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.report import RESULTS

PAGE = RESULTS.parents[1] / "docs" / "capacity.md"
# Assumptions, not measurements; the page says so.
_DIMENSION = 384
_BUSY_HOURS = 12
_PEAK = 4
_BUSY = 0.6
_CORES = 2
_GRAPH_BYTES = 2 * 32 * 4  # HNSW with 32 links: twice as many on the ground floor, four bytes each
_DAYS = (10_000, 100_000, 1_000_000, 10_000_000)
_ROWS = (100_000, 1_000_000, 10_000_000)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the arithmetic starts from.

    Attributes:
        p50, p99: milliseconds for a question, one at a time.
        rate: questions a second that one process on a machine of two cores answers, asked by many at once.
        memory: megabytes of a process.
        rows: of its index.
        rebuild: seconds.
        machine, date: where and when the questions were timed.
    """

    p50: float
    p99: float
    rate: float
    memory: float
    rows: int
    rebuild: float
    machine: str
    date: str


def measured(results: Mapping[str, Any]) -> Measured:
    """Read the figures.

    Raises:
        KeyError: one of them has not been measured.
    """
    note = _figure(results, "rebuild", "改一条答案后重建")["note"]
    found = re.search(r"([\d,]+) 行", note)
    if found is None:
        raise KeyError(f"no rows in {note!r}")
    return Measured(
        p50=_figure(results, "latency", "问 → 答 p50")["value"],
        p99=_figure(results, "latency", "问 → 答 p99")["value"],
        rate=_figure(results, "throughput", "每核一个进程")["value"],
        memory=_figure(results, "memory", "常驻内存，答完 300 题后")["value"],
        rows=int(found[1].replace(",", "")),
        rebuild=_figure(results, "rebuild", "改一条答案后重建")["value"],
        machine=str(results["latency"]["machine"]),
        date=str(results["latency"]["date"]),
    )


def page(figures: Measured) -> str:
    """Write the page, Markdown."""
    a_core = figures.rate / _CORES
    vectors = figures.rows * _DIMENSION * 4 / 1e6
    return _TEXT.format(
        **{name: getattr(figures, name) for name in ("p50", "p99", "rate", "memory", "rebuild", "machine", "date")},
        rows=f"{figures.rows:,}",
        a_core=a_core,
        usable=a_core * _BUSY,
        hours=_BUSY_HOURS,
        peak=_PEAK,
        busy=_BUSY,
        cores=_CORES,
        days="\n".join(_day(day, a_core, figures.memory) for day in _DAYS),
        dimension=_DIMENSION,
        vectors=vectors,
        share=vectors / figures.memory,
        sizes="\n".join(_size(rows) for rows in (figures.rows, *_ROWS)),
    )


def _day(questions: int, a_core: float, memory: float) -> str:
    peak = questions / (_BUSY_HOURS * 3600) * _PEAK
    workers = max(2, math.ceil(peak / (a_core * _BUSY)))
    machines = max(2, math.ceil(workers / _CORES))
    return f"| {questions:,} | {peak:,.1f} | {workers:,} | {machines:,} | {workers * memory / 1000:,.1f} GB |"


def _size(rows: int) -> str:
    exact = rows * _DIMENSION * 4 / 1e9
    return f"| {rows:,} | {exact:,.2f} GB | {exact + rows * _GRAPH_BYTES / 1e9:,.2f} GB |"


def _figure(results: Mapping[str, Any], part: str, name: str) -> Mapping[str, Any]:
    for figure in results[part]["figures"]:
        if figure["name"] == name:
            return dict(figure)
    raise KeyError(f"{part}: {name}")


_TEXT = """# 容量怎么算

这一页由 `python -m benchmarks.capacity` 从 `benchmarks/results.json` 生成，测试核对两者一致；换了机器，先 `make bench`。
标着「实测」的是量出来的，标着「假设」的请换成自己的，其余都是它们的加减乘除。没有在集群上实测过的，这里直说没有。

## 起点

| | | |
|---|---|---|
| 一个问题到回答，一次一问，不用缓存 | p50 {p50:.1f} ms，p99 {p99:.1f} ms | 实测，{date}，{machine} |
| 每核一个问答进程，不用缓存，{cores} 核一秒一共答 | {rate:.0f} 问 | 实测 |
| 一个问答进程的常驻内存（索引 {rows} 行，FAISS，不含网页） | {memory:,.0f} MB | 实测 |
| 改一条答案后重建 | {rebuild:.1f} s | 实测 |
| 一天里提问集中在 {hours} 小时，最忙时是平均的 {peak} 倍 | | 假设 |
| 一个核平时最多用到 {busy:.0%}，留给突发和发布 | | 假设 |
| 一台机器 {cores} 核，一核一个 web | | 假设 |

## 要多少机器

一个核一秒能答 {rate:.0f} ÷ {cores} = {a_core:.0f} 问，按 {busy:.0%} 用是 {usable:.0f} 问。最忙时每秒 = 每天 ÷ {hours} 小时 × {peak}。至少两个，坏一个不停。

| 每天提问 | 最忙时每秒 | web 个数 | {cores} 核机器 | web 的内存合计 |
|---|---|---|---|---|
{days}

这是按没有缓存算的：重复的问题走缓存，实际会少；网页和接口自己也要用处理器，实际会多。先按它起步，再看 `/metrics` 里的耗时。

## 向量要多少内存

{rows} 行 × {dimension} 维 × 4 字节 = {vectors:.0f} MB，是问答进程的 {share:.0%}；其余是模型、BM25、文字和程序，搬到 Milvus 也仍在每个 web 里。

| 行数（问法、段落） | FAISS，原样的向量 | Milvus 的 HNSW 图 |
|---|---|---|
{sizes}

- 一台机器放得下时用默认的 FAISS：少一次网络往返，也少一样要看护的东西。超过 256 MB 的向量文件是映射的，几个 web 共用一份；更小的各读一份。
- 一台机器的内存放不下向量，或者有别的程序要查同一份向量时，用 Milvus（`--vectors`）。每个问题多一次查询的往返，请在自己的网络里量。
- 每一版是一个集合，最多留 10 版，回退才能一步到位；留着的都加载着，所以 Milvus 的内存和磁盘按表里的 10 倍备。

## 对话记录

每个问题写一行到 PostgreSQL，写不进去也照样回答（健康检查会显示）。最忙时每秒写入次数就是上面的「最忙时每秒」；默认留 90 天。
"""


def write() -> None:
    """Write the page anew."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(page(measured(results)), encoding="utf-8")


if __name__ == "__main__":
    write()
    print(f"已写入 {PAGE}")
