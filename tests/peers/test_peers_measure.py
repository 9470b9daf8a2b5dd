from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.peers import environment as made
from benchmarks.peers.environment import child_environment, environment, pinned
from benchmarks.peers.measure import main
from benchmarks.peers.run import run_task
from benchmarks.peers.setup import Search, Setup, Text, numbered, read_setup, unit_of
from benchmarks.peers.tasks import Task


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    (tmp_path / "texts.jsonl").write_text('["a", "甲"]\n["b", "乙"]\n', encoding="utf-8")
    (tmp_path / "questions.json").write_text('["甲", "乙", "丙"]', encoding="utf-8")
    return Setup(
        corpus="",
        texts=str(tmp_path / "texts.jsonl"),
        questions=str(tmp_path / "questions.json"),
        index=str(tmp_path / "index"),
        model="",
        prefix="query: ",
        depth=5,
        threads=1,
    )


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Text]:
    texts: list[Text] = []
    fake = ModuleType("with_fake")

    def builder(_setup: Setup) -> Callable[[Sequence[Text]], None]:
        return texts.extend

    def searches(_setup: Setup) -> dict[str, Search]:
        return {"hybrid": lambda question: [question, question, "z"], "dense": lambda _question: []}

    fake.builder, fake.searches = builder, searches  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "benchmarks.peers.systems.with_fake", fake)
    return texts


def test_a_build_is_given_every_text_and_told_in_seconds_and_megabytes(setup: Setup, seen: list[Text]) -> None:
    out = Path(setup.texts).with_name("out.json")
    main("build", "fake", setup, out)
    found = json.loads(out.read_text("utf-8"))
    assert seen == [("a", "甲"), ("b", "乙")]
    assert found["seconds"] > 0
    assert found["peak_mb"] > 10


@pytest.mark.usefixtures("seen")
def test_every_way_is_asked_every_question_and_units_count_once(setup: Setup) -> None:
    out = Path(setup.texts).with_name("out.json")
    main("serve", "fake", setup, out)
    found = json.loads(out.read_text("utf-8"))
    assert found["modes"]["hybrid"]["rankings"] == [["甲", "z"], ["乙", "z"], ["丙", "z"]]
    assert found["modes"]["dense"]["rankings"] == [[], [], []]
    assert len(found["modes"]["hybrid"]["ms"]) == len(found["modes"]["hybrid"]["cpu_ms"]) == 3
    assert found["startup_s"] > 0


def test_a_setup_survives_its_file_and_a_unit_its_number(setup: Setup, tmp_path: Path) -> None:
    setup.save(tmp_path / "setup.json")
    assert read_setup(tmp_path / "setup.json") == setup
    assert [unit_of(name) for name, _ in numbered([("a|b#1", "甲"), ("c", "乙")])] == ["a|b#1", "c"]


def test_torch_is_installed_alone_and_first_and_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[str, ...]] = []

    def run(*command: str) -> None:
        commands.append(command)
        (tmp_path / "venv").mkdir(exist_ok=True)

    monkeypatch.setattr(made, "_run", run)
    said: list[str] = []
    python = environment(said.append, tmp_path / "venv")
    assert python == tmp_path / "venv" / "bin" / "python"
    assert [command[-1].partition("=")[0] for command in commands][1] == "torch"
    assert len(commands) == 3
    environment(said.append, tmp_path / "venv")
    assert len(commands) == 3
    assert len(said) == 1


def test_what_is_measured_has_the_threads_it_was_told_and_no_network() -> None:
    variables = child_environment(2)
    assert variables["OMP_NUM_THREADS"] == variables["RAYON_NUM_THREADS"] == "2"
    assert variables["HF_HUB_OFFLINE"] == "1"
    assert variables["PATH"] == os.environ["PATH"]


def test_peers_stand_on_the_same_encoder_library_and_torch_as_this_project() -> None:
    ours = (made.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for package, version in pinned("torch", "sentence-transformers", "transformers", "tokenizers").items():
        assert f"{package}=={version}" in ours


@pytest.mark.model
def test_this_project_is_measured_in_processes_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "faq").mkdir()
    rows = [("refund", "怎么退货"), ("ship", "几天能送到"), ("invoice", "能开发票吗")]
    (tmp_path / "faq" / "a.jsonl").write_text(
        "".join(json.dumps({"id": unit, "question": text}) + "\n" for unit, text in rows), encoding="utf-8"
    )
    asked = (("我想退货", frozenset({"refund"})), ("发票怎么开", frozenset({"invoice"})))
    task = Task("甲", tmp_path, tuple(rows), asked, "query: ")
    (row,) = run_task(task, Path("unused"), {"zhida": Path(sys.executable)}, 1, lambda _line: None)
    assert row.advised.hit_at_1 == row.advised.mrr_at_10 == 1.0
    assert row.startup_s > row.advised.p50_ms / 1000
    assert row.memory_mb > 50
