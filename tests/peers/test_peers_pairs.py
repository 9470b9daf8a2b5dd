from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.peers.pairs import entries_of, read_pairs
from benchmarks.peers.tasks import Sources, lcqmc
from kb.corpus import load_corpus


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        "怎么退货\t退货怎么办\t1",
        "退货怎么办\t如何退货\t1",
        "几点开门\t几点关门\t0",
        "在吗\t在吗\t1",
        "几点开门\t何时营业\t1",
        "坏行",
    ]
    (tmp_path / "lcqmc_test.tsv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_only_pairs_that_mean_the_same_are_read(data: Path) -> None:
    assert len(read_pairs(data / "lcqmc_test.tsv")) == 4


def test_pairs_that_share_a_question_are_one_entry_and_the_asked_form_is_not_indexed(data: Path) -> None:
    entries = entries_of(read_pairs(data / "lcqmc_test.tsv"), seed=1)
    together = {frozenset((*entry.forms, entry.asked)) for entry in entries}
    assert together == {frozenset({"怎么退货", "退货怎么办", "如何退货"}), frozenset({"几点开门", "何时营业"})}
    assert all(entry.asked not in entry.forms for entry in entries)
    assert len({entry.id for entry in entries}) == 2


def test_the_seed_decides_which_form_is_asked() -> None:
    pairs = [(f"甲{n}", f"乙{n}") for n in range(50)]
    assert entries_of(pairs, seed=1) == entries_of(pairs, seed=1)
    assert entries_of(pairs, seed=1) != entries_of(pairs, seed=2)
    assert 10 < sum(entry.asked.startswith("甲") for entry in entries_of(pairs, seed=1)) < 40


def test_peers_and_this_project_are_given_the_same_texts(data: Path, tmp_path: Path) -> None:
    task = lcqmc(Sources(data, tmp_path, questions=10), tmp_path / "corpus")
    ours = [(entry.id, form) for entry in load_corpus(tmp_path / "corpus").active for form in entry.forms]
    assert sorted(ours) == sorted(task.texts)
    assert {unit for _, gold in task.questions for unit in gold} == {unit for unit, _ in task.texts}
    assert json.loads((tmp_path / "corpus/faq/pairs.jsonl").read_text("utf-8").splitlines()[0])["question"]
