from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.peers.report import readme_part
from benchmarks.peers.results import BEGIN, END, README, RESULTS, Part, load, put_into, save
from benchmarks.peers.run import Asked, Row, relevance

_ROW = Row("zhida", Asked(0.9, 0.92, 4.0, 8.0, 4.0), Asked(0.8, 0.85, 3.0, 7.0, 3.0), 10.0, 9.0, 1.0, 300.0, 400.0)
_PART = Part("甲", 20, 10, 5, "2026-11-27", "某机", 0.5, 2, {"txtai": "9"}, (_ROW, replace(_ROW, dense=None)))


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    save({"own": _PART}, tmp_path / "peers.json")
    assert load(tmp_path / "peers.json") == {"own": _PART}


def test_a_corpus_that_was_not_measured_this_time_keeps_its_figures_and_its_place(tmp_path: Path) -> None:
    path = tmp_path / "peers.json"
    save({"own": _PART}, path)
    save({"cmrc": _PART, "own": replace(_PART, load=7.0)}, path)
    save({"lcqmc": _PART}, path)
    assert list(load(path).items()) == [("cmrc", _PART), ("lcqmc", _PART), ("own", replace(_PART, load=7.0))]


def test_only_the_part_between_the_marks_is_replaced() -> None:
    assert put_into(f"前\n{BEGIN}\n旧\n{END}\n后", "新\n") == f"前\n{BEGIN}\n新\n{END}\n后"
    with pytest.raises(ValueError, match="marks"):
        put_into(f"前\n{BEGIN}\n后", "新")


def test_the_readme_says_what_the_file_of_results_says() -> None:
    readme = README.read_text(encoding="utf-8")
    assert put_into(readme, readme_part(load(RESULTS))) == readme


def test_sections_count_as_their_article_once_where_gold_names_articles() -> None:
    found = [["a#1", "a#2", "b#1"]]
    assert relevance(found, [frozenset({"b"})], whole=True) == [[False, True]]
    assert relevance(found, [frozenset({"b#1"})], whole=False) == [[False, False, True]]
