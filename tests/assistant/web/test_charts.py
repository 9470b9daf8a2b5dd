from __future__ import annotations

import re

from assistant.web.charts import Series, bars, shares


def test_bars_are_stacked_to_scale() -> None:
    made = bars("提问", ["一", "二"], [Series("回答", "#111", [1.0, 0.0]), Series("拒答", "#222", [3.0, None])])
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', made)]
    tops = [float(top) for top in re.findall(r'<rect [^>]*y="([\d.]+)"', made)]
    assert len(heights) == 2 and round(heights[1] / heights[0], 1) == 3.0
    assert abs(tops[1] + heights[1] - tops[0]) < 0.2  # the second stands on the first
    assert '<td data-title="拒答">—</td>' in made and '<td data-title="回答">1</td>' in made


def test_a_day_without_questions_is_a_gap_in_the_line() -> None:
    made = shares("比例", ["一", "二", "三"], [Series("回答率", "#111", [0.0, None, 1.0])])
    assert len(re.findall(r"<circle", made)) == 2
    assert "100%" in made


def test_labels_are_escaped_and_thinned() -> None:
    made = bars("<b>", [f"<{n}>" for n in range(30)], [Series("<i>", "#111", [1.0] * 30)])
    assert "<b>" not in made and "<i>" not in made and "<3>" not in made
    assert len(re.findall(r'text-anchor="middle"', made)) == 10


def test_nothing_to_draw() -> None:
    assert "<svg" in bars("空", [], [])


def test_the_axis_ends_above_the_highest_bar_in_whole_quarters() -> None:
    for value, top in ((3, "4"), (9, "12"), (13, "20"), (45, "80"), (100, "120"), (1_000, "1200")):
        assert f">{top}</text>" in bars("提问", ["一"], [Series("回答", "#111", [float(value)])])
