"""A seeded few of what ``make stress`` runs in full; every run must end without a single fault."""

from __future__ import annotations

import json
import os
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest
import uvicorn
from stress import damage, documents, full, fuzz, kill, office, service, soak, traffic, world
from stress.records import Result, write

from assistant.reply import Assistant
from assistant.web.api import create_app
from kb.paths import shipped_corpus
from kb.workspace import Workspace

SEED = 20261126
SCENARIOS = {**damage.SCENARIOS, **full.SCENARIOS, **service.SCENARIOS}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stress") / "world"
    world.make(folder)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """A folder with a world of the test's own in it."""
    world.copy(made, tmp_path / "world")
    return tmp_path


def test_a_kill_leaves_the_old_state_or_the_new_one(place: Path) -> None:
    result = kill.run(place, len(world.ACTIONS), seed=SEED)

    assert result.faults == ()
    assert int(str(result.figures["真正中断"])) >= 3


def test_the_judge_of_kills_sees_what_is_wrong(place: Path) -> None:
    """A half import or a lost promise must be a finding, or the run above proves nothing."""
    old = world.look(place / "world")
    half = world.copy(place / "world", place / "half")
    world.ACTIONS["import"](half)
    new = world.look(half)

    assert list(kill._judge("import", place / "world", kill.Ended(0, True), old, new)) == ["已经确认的改动丢了"]
    (half / "corpus/faq/imported.yaml").unlink()
    (found, *_) = kill._judge("import", half, kill.Ended(-9, False), old, new)
    assert found.startswith("既不是旧的也不是新的")


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_fault_is_told_and_passes(name: str, place: Path) -> None:
    if name in full.SCENARIOS and (reason := full.why_not()):
        pytest.skip(reason)
    assert list(SCENARIOS[name](place / "world", random.Random(f"{SEED} {name}"))) == []  # noqa: S311 - seeded


@pytest.mark.model
def test_no_question_breaks_the_assistant(shipped_store: Path) -> None:
    opened = Workspace(shipped_corpus(), shipped_store, threads=os.cpu_count() or 1).open()

    assert fuzz.fuzz_questions(Assistant(opened.knowledge, opened.searcher), 200, seed=SEED).faults == ()


def test_no_document_breaks_the_import(tmp_path: Path) -> None:
    assert fuzz.fuzz_documents(tmp_path, 12, seed=SEED).faults == ()


def test_the_pages_of_staff_stand_their_size(tmp_path: Path) -> None:
    result = office.run(tmp_path, 120, 3, 1.0, seed=SEED)

    assert result.faults == ()
    assert int(str(result.figures["回退期间提问"])) > 0 and int(str(result.figures["回退"])) >= 2


def test_the_judge_of_rollbacks_sees_an_answer_of_two_versions() -> None:
    assert traffic.mixed("第甲版：以页面为准。\n1. 第乙版的第一步")
    assert not traffic.mixed("第甲版：以页面为准。\n1. 第甲版的第一步")


def test_documents_come_whatever_the_changes_before_have_done_to_them() -> None:
    draw = random.Random(SEED)  # noqa: S311 - seeded

    assert {kind for kind, _ in islice(documents.documents(draw), 500)} == {*documents.good()}


@contextmanager
def served(app: object) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))  # type: ignore[arg-type]  # a FastAPI app
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_a_short_soak_has_no_errors_and_counts_them(place: Path) -> None:
    with service.running(place / "world") as it, served(create_app(it.service)) as address:
        result = soak.measure(address, os.getpid(), world.ASKED, minutes=0.05, rate=20.0, seed=SEED)
        wrong = soak.measure(f"{address}/nowhere", os.getpid(), world.ASKED, minutes=0.01, rate=10.0, seed=SEED)

    assert (result.faults, result.tries, result.figures["错误"]) == ((), 60, 0)
    assert wrong.faults and wrong.figures["错误"] == wrong.tries == 6


def test_a_result_is_a_line_and_stands_beside_those_of_other_parts(tmp_path: Path) -> None:
    first, other = Result("问题", 3, ("坏了",), {"秒": 1}), Result("文档", 2)
    path = tmp_path / "out" / "stress.json"

    write(path, [first, other])
    write(path, [Result("问题", 5, (), {"秒": 2})])

    assert "3 次，1 个问题  秒 1" in first.line()
    kept = json.loads(path.read_text("utf-8"))
    assert {name: (part["tries"], part["faults"]) for name, part in kept.items()} == {"问题": (5, []), "文档": (2, [])}
    assert all(part["at"] and part["machine"]["cores"] for part in kept.values())
