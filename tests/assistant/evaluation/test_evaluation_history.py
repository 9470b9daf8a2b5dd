from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.evaluation import RunHistory, load_report
from kb.errors import StoreError, UsageError

REPORT = {"auroc": 0.9, "rows": [{"id": "a", "correct": True}]}
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_runs_come_back_oldest_first(tmp_path: Path) -> None:
    history = RunHistory(tmp_path / "runs")
    assert history.runs() == ()
    later = history.append(REPORT, version="v2", identity={"corpus": "bb"}, now=NOW + timedelta(seconds=1))
    first = history.append(REPORT, version="v1", identity={"corpus": "aa"}, now=NOW)
    assert history.runs() == (first, later)
    assert (first.time, first.version, first.identity) == ("2026-11-23T04:00:00+00:00", "v1", {"corpus": "aa"})


def test_two_runs_of_one_moment_are_both_kept(tmp_path: Path) -> None:
    history = RunHistory(tmp_path)
    for _ in range(3):
        history.append(REPORT, version="v", identity={}, now=NOW)
    assert len(history.ids()) == 3


def test_an_unfinished_run_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / ".new-x").write_text("{")
    assert RunHistory(tmp_path).ids() == []


def test_unknown_and_damaged_runs_are_named(tmp_path: Path) -> None:
    history = RunHistory(tmp_path)
    with pytest.raises(UsageError, match="no run"):
        history.load("../x")
    for text in ("{", "[]", "{}"):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(StoreError) as caught:
            history.load("bad")
        assert "bad.json" in caught.value.user_message


def test_a_folder_that_takes_no_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        RunHistory(tmp_path / "file").append(REPORT, version="v", identity={})
    assert "评测记录写不进" in caught.value.user_message


def test_reports_load_from_runs_and_plain_files(tmp_path: Path) -> None:
    run = RunHistory(tmp_path).append(REPORT, version="v", identity={})
    (tmp_path / "out.json").write_text(json.dumps(REPORT))
    assert load_report(tmp_path / f"{run.id}.json") == load_report(tmp_path / "out.json") == REPORT


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"rows": 3}'])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(UsageError, match="x.json"):
        load_report(tmp_path / "x.json")
    with pytest.raises(UsageError, match="no file"):
        load_report(tmp_path / "none.json")


def test_a_report_page_is_kept_beside_its_run(tmp_path: Path) -> None:
    history = RunHistory(tmp_path / "runs")
    run = history.append({"rows": []}, version="v", identity={})
    assert history.page(run.id) == ""
    history.keep_page(run.id, "<p>报告</p>")
    assert history.page(run.id) == "<p>报告</p>"
    assert history.ids() == [run.id]
    with pytest.raises(UsageError):
        history.page("../../etc/passwd")
