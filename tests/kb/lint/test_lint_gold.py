import json

from lint_bench import Workbench


def test_gold_that_is_not_there_is_named_with_its_line(bench: Workbench) -> None:
    rows = [
        {"id": "q1", "question": "怎么开", "entries": ["none"]},
        {"id": "q2", "question": "怎么关", "facts": ["F001"]},
        {"id": "d1", "turns": [{"user": "在吗", "entries": ["gone#2", "none"]}, {"user": "好"}]},
    ]
    folder = bench.folder / "questions"
    folder.mkdir(exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "x.jsonl").write_text(text, "utf-8")
    (folder / "y.jsonl").write_text("{broken", "utf-8")

    found = [item for item in bench.lint() if item.code == "lost-gold"]

    assert [(item.line, item.severity) for item in found] == [(1, "warning"), (3, "warning"), (3, "warning")]
    assert "「怎么开」以「none」为答案" in found[0].message
    assert [item.message.partition("以")[2][:5] for item in found[1:]] == ["「gone", "「none"]


def test_what_is_there_is_no_finding(bench: Workbench) -> None:
    from kb.corpus import load_corpus

    corpus = load_corpus(bench.folder)
    names = [entry.id for entry in corpus.active] + [f"{document.id}#1" for document in corpus.documents]
    (bench.folder / "questions").mkdir(exist_ok=True)
    (bench.folder / "questions" / "x.jsonl").write_text(json.dumps({"question": "甲", "entries": names}), "utf-8")
    assert [item for item in bench.lint() if item.code == "lost-gold"] == []
