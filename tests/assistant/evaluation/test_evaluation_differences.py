from __future__ import annotations

import json
from pathlib import Path

from assistant.evaluation import compare
from assistant.evaluation.differences import differences, question_words


def report(correct: bool, probability: float) -> dict[str, object]:
    row = {"id": "a", "decision": "answer", "entries": ["e"], "probability": probability, "correct": correct}
    return {"answerable": {"n": 1}, "rows": [row]}


def test_words_and_probabilities_are_filled_in() -> None:
    one, two = report(True, 0.9), report(False, 0.1)
    (found,) = differences(compare(one, two).lost, one, two, {"a": "怎么开通"})
    assert (found.question, found.before_probability, found.after_probability) == ("怎么开通", 0.9, 0.1)
    (nameless,) = differences(compare(one, two).lost, one, {"rows": []}, {})
    assert (nameless.question, nameless.after_probability) == ("a", 0.0)


def test_questions_by_the_ids_of_reports(tmp_path: Path) -> None:
    rows = {
        "answerable": {"id": "a", "question": "甲", "facts": ["F1"]},
        "unanswerable": {"id": "u", "question": "乙"},
        "dialogues": {"id": "d", "turns": [{"user": "丙", "facts": ["F1"]}, {"user": "丁", "expect": "refuse"}]},
    }
    (tmp_path / "questions").mkdir()
    for part, row in rows.items():
        (tmp_path / "questions" / f"{part}.jsonl").write_text(json.dumps(row), "utf-8")
    assert question_words(tmp_path) == {"a": "甲", "u": "乙", "d#1": "丙", "d#2": "丁"}
    assert question_words(tmp_path / "none") == {}
