from __future__ import annotations

from assistant.evaluation import Run, compare
from assistant.evaluation.differences import differences
from assistant.web.evaluation.views import comparison_view, report_frame, runs_view

NASTY = "<script>{{1}}</script>"


def report(correct: bool) -> dict[str, object]:
    row = {
        "id": "a",
        "decision": "answer",
        "entries": [NASTY],
        "probability": 0.9 if correct else 0.2,
        "correct": correct,
    }
    return {"answerable": {"n": 1, "hit@1": 1.0 if correct else 0.0}, "rows": [row]}


def test_two_runs_question_by_question() -> None:
    one, two = report(False), report(True)
    found = compare(one, two)
    made = comparison_view(found, (), differences(found.gained, one, two, {"a": NASTY}))
    assert "变好 1" in made and "变坏 0" in made and "20%" in made and "90%" in made and "+1" in made
    assert "差异不显著" in made
    assert "<script" not in made and "{{" not in made


def test_runs_are_listed_newest_first() -> None:
    runs = [Run(f"r{n}", f"2026-11-2{n}T00:00:00+00:00", NASTY, {}, report(True)) for n in (1, 2)]
    made = runs_view(runs)
    assert made.index("2026-11-22") < made.index("2026-11-21")
    assert 'data-run="r1"' in made and "<script" not in made
    assert "还没有评测过" in runs_view([])


def test_a_report_runs_no_script() -> None:
    made = report_frame(f'<p title="x">{NASTY}</p>')
    assert 'sandbox=""' in made and "<script" not in made and 'title="x"' not in made
    assert "没有保存网页报告" in report_frame("")
