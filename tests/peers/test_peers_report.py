from __future__ import annotations

from dataclasses import replace

from benchmarks.peers.report import readme_part
from benchmarks.peers.results import Part
from benchmarks.peers.run import Asked, Row

_OURS = Row("zhida", Asked(0.9, 0.92, 4.0, 8.0, 4.0), None, 10.0, 9.0, 1.0, 300.0, 400.0)
_THEIRS = Row(
    "txtai", Asked(0.7, 0.8, 20.0, 30.0, 18.0), Asked(0.8, 0.85, 16.0, 20.0, 12.0), 25.0, 24.0, 6.0, 900.0, 950.0
)


def _part(*rows: Row, title: str = "甲") -> Part:
    return Part(title, 20, 10, 5, "2026-11-27", "某机", 0.5, 2, {"txtai": "9"}, rows)


def test_the_table_has_a_line_for_each_system_with_its_figures() -> None:
    text = readme_part({"a": _part(_OURS, _THEIRS)})
    assert "| 甲 | 知答 | 0.900 | 0.920 |  | 10.0 | 4.0 | 8.0 | 4.0 | 300 | 1.0 |" in text
    assert "|  | txtai | 0.700 | 0.800 | 0.800 | 25.0 | 20.0 | 30.0 | 18.0 | 900 | 6.0 |" in text
    assert "2 线程，测前负载 0.5" in text


def test_claims_are_made_against_the_better_way_of_the_best_peer() -> None:
    slow = replace(_THEIRS, system="haystack", advised=Asked(0.1, 0.1, 500.0, 600.0, 500.0), dense=None, index_s=99.0)
    text = readme_part({"a": _part(_OURS, _THEIRS, slow)})
    assert "甲（0.900 对 txtai 0.800）" in text
    assert "查询 p50 快：是各语料上最好一家的 4.0–4.0 倍，目标 3，都到了" in text  # 16 ms by vectors alone, not 20
    assert "建索引快：是各语料上最好一家的 2.5–2.5 倍" in text
    assert "内存峰值小：是各语料上最好一家的 3.0–3.0 倍" in text


def test_what_a_peer_wins_is_told() -> None:
    winner = replace(_THEIRS, advised=Asked(0.95, 0.96, 6.0, 7.0, 6.0), index_s=8.0, memory_mb=200.0, startup_s=0.5)
    text = readme_part({"a": _part(_OURS, _THEIRS), "b": _part(_OURS, winner, title="乙")})
    assert "输或平的有乙（0.900 对 txtai 0.950）" in text
    assert "没到的有 乙 1.5" in text  # p50
    assert "没到的有 乙 0.8" in text  # index
    assert "没到的有 乙 0.7" in text  # memory
    assert "没到的有 乙 0.5" in text  # start


def test_a_draw_is_not_a_win() -> None:
    level = replace(_THEIRS, advised=_OURS.advised)
    assert "hit@1 在哪个语料上都不是最高" in readme_part({"a": _part(_OURS, level)})


def test_nothing_measured_is_nothing_said() -> None:
    assert readme_part({}) == ""
