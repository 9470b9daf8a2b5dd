from pathlib import Path

import pytest
from fakes import FakeEmbedder, entries, write_corpus

from kb.build import build
from kb.corpus import load_corpus
from kb.lint import Finding, lint
from kb.query import Analyzer
from kb.search import Searcher
from kb.store import Store


def lost(folder: Path, store: Path) -> list[Finding]:
    corpus = load_corpus(folder)
    version = build(corpus, FakeEmbedder(), Store(store))
    searcher = Searcher.open(version, Analyzer(corpus.lexicon), FakeEmbedder())
    return [found for found in lint(folder, searcher=searcher) if found.code == "lost-question"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def test_questions_with_good_alternates_find_their_entries(folder: Path, tmp_path: Path) -> None:
    assert lost(write_corpus(folder), tmp_path / "s") == []


def test_a_question_unlike_its_alternates_is_told_with_its_line(folder: Path, tmp_path: Path) -> None:
    rows = entries()
    rows[1]["question"] = "月付的还款步骤请问怎么还钱"  # the alternates speak of closing

    (found,) = lost(write_corpus(folder, rows), tmp_path / "s")

    line = next(
        n for n, text in enumerate((folder / "faq/a.yaml").read_text("utf-8").split("\n"), 1) if "请问怎么" in text
    )
    assert (found.severity, found.file, found.line) == ("warning", "faq/a.yaml", line)
    assert "「月付的还款步骤请问怎么还钱」（close）去掉自己之后先找到「repay」" in found.message


def test_the_furthest_from_the_truth_comes_first(folder: Path, tmp_path: Path) -> None:
    rows = entries()
    rows[0]["question"] = "可以提前还款吗"
    rows[1]["question"] = "月付的还款步骤请问怎么还钱"
    # of the same facts as its neighbours, and therefore never misled, but four of them stand before it
    twins = [{**rows[2], "id": f"twin{n}", "question": f"还款办法{n}"} for n in range(4)]
    for twin in twins:
        twin["alternates"] = [f"{text}呀" for text in rows[2]["alternates"]]  # type: ignore[attr-defined]
    rows[2]["alternates"] = ["怎么一回事"]

    found = lost(write_corpus(folder, [*rows, *twins]), tmp_path / "s")

    assert len(found) > 1
    assert "（close）" in found[0].message


def test_an_entry_that_the_index_lacks_is_left_out(folder: Path, tmp_path: Path) -> None:
    corpus = load_corpus(write_corpus(folder))
    version = build(corpus, FakeEmbedder(), Store(tmp_path / "s"))
    searcher = Searcher.open(version, Analyzer(corpus.lexicon), FakeEmbedder())
    rows = entries()
    rows[0]["id"] = "renamed"
    write_corpus(folder, rows)

    assert "lost-question" not in [found.code for found in lint(folder, searcher=searcher)]
