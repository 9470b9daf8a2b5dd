from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.evaluation.questions import (
    Answerable,
    Gold,
    Unanswerable,
    corpus_files,
    questions_digest,
    read_answerable,
    read_dialogues,
    read_unanswerable,
)
from kb.errors import CorpusError
from kb.paths import shipped_corpus


def _file(folder: Path, *rows: object, name: str = "q.jsonl") -> Path:
    path = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_answerable_rows_of_the_format(tmp_path: Path) -> None:
    full = {
        "id": "a1",
        "question": "怎么开通",
        "facts": ["F053"],
        "intent": "open",
        "style": "short",
        "expect": "clarify",
    }
    bare = {"id": 2, "question": "怎么关", "entries": ["art-close"], "note": "extra keys are fine"}
    first, second = read_answerable(_file(tmp_path, full, "", bare))
    assert first == Answerable("a1", "怎么开通", Gold(frozenset({"F053"})), "open", "short", "clarify")
    assert second == Answerable("2", "怎么关", Gold(entries=frozenset({"art-close"})))


def test_unanswerable_rows_of_the_format(tmp_path: Path) -> None:
    found = read_unanswerable(_file(tmp_path, {"id": "u", "question": "", "kind": "human", "expect": "handoff"}))
    assert found == (Unanswerable("u", "", "human", "handoff"),)


def test_dialogues_keep_their_turns(tmp_path: Path) -> None:
    turns = [{"user": "怎么开通", "facts": ["F1"]}, {"user": "谢谢", "facts": [], "expect": "smalltalk"}]
    (found,) = read_dialogues(_file(tmp_path, {"id": "d", "turns": turns}))
    assert [(turn.user, bool(turn.gold), turn.expect) for turn in found.turns] == [
        ("怎么开通", True, ""),
        ("谢谢", False, "smalltalk"),
    ]


def test_gold_matches_facts_entries_and_sections() -> None:
    gold = Gold(frozenset({"F1"}), frozenset({"art-x", "faq-1", "art-y#2"}))
    assert gold.matches("other", ["F1", "F9"])
    assert gold.matches("faq-1", [])
    assert gold.matches("art-x#3", [])
    assert gold.matches("art-y#2", [])
    assert not gold.matches("art-y#3", ["F2"])
    assert not gold.matches("art-x2#1", [])
    assert not Gold()


def test_windows_files_and_several_files_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "1", "question": "q"}\r\n\r\n')
    both = read_answerable(path, _file(tmp_path, {"id": "2", "question": "r\u2028s"}))
    assert [row.question for row in both] == ["q", "r\u2028s"]


GOOD = {"id": "1", "question": "q"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "不是合法的 JSON"),
        ("[1]", "键值对"),
        ({"question": "q"}, "缺少 id"),
        ({"id": "2"}, "缺少 question"),
        ({"id": "2", "question": 3}, "缺少 question"),
        ({**GOOD, "id": "2", "facts": "F1"}, "facts 应为编号的列表"),
        ({**GOOD, "id": "2", "entries": [1]}, "entries 应为编号的列表"),
        ({**GOOD, "id": "2", "expect": "refuse"}, "expect「refuse」不认识"),
        ({**GOOD, "id": "2", "intent": ["x"]}, "intent 应为文字"),
        (GOOD, "用了两次"),
    ],
)
def test_faults_name_file_and_line(tmp_path: Path, row: object, words: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_answerable(_file(tmp_path, GOOD, "", row))
    assert "q.jsonl:3" in caught.value.user_message
    assert words in caught.value.user_message


@pytest.mark.parametrize("turns", [None, [], "x", [{"user": "q"}], [{"facts": ["F1"]}], [3]])
def test_faults_of_dialogues(tmp_path: Path, turns: object) -> None:
    with pytest.raises(CorpusError, match="q.jsonl:1"):
        read_dialogues(_file(tmp_path, {"id": "d", "turns": turns}))


def test_missing_and_undecodable_files(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no file"):
        read_answerable(tmp_path / "none.jsonl")
    with pytest.raises(CorpusError, match="cannot|Is a directory"):
        read_answerable(tmp_path)
    path = tmp_path / "gbk.jsonl"
    path.write_bytes(b"\n" + "月付".encode("gbk"))
    with pytest.raises(CorpusError, match="gbk.jsonl:2"):
        read_answerable(path)


def test_the_shipped_test_set_reads() -> None:
    corpus = shipped_corpus()
    answerable = read_answerable(*corpus_files(corpus, "answerable"))
    unanswerable = read_unanswerable(*corpus_files(corpus, "unanswerable"))
    dialogues = read_dialogues(*corpus_files(corpus, "dialogues"))
    assert min(len(answerable), len(unanswerable), len(dialogues)) > 0
    assert all(row.gold for row in answerable)


def test_digest_follows_the_contents(tmp_path: Path) -> None:
    one, two = _file(tmp_path, GOOD, name="1"), _file(tmp_path, {**GOOD, "id": "2"}, name="2")
    assert questions_digest([one, two]) != questions_digest([two, one])
    assert questions_digest([one]) == questions_digest([one])
