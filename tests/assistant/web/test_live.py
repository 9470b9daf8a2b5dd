from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.web.live import Live
from kb.errors import StaleError, StoreError


class Books:
    """A workspace with a current version, some of which do not open."""

    def __init__(self, current: str) -> None:
        self.current = current
        self.opened: list[str] = []
        self.store = SimpleNamespace(current_id=lambda: self.current)

    def open(self, version: str) -> str:
        self.opened.append(version)
        if version == "other model":
            raise StaleError("index and model differ", user_message="请运行 zhida build。")
        if version == "bug":
            raise ValueError("a fault of ours")
        if version.startswith("bad"):
            raise StoreError("damaged", user_message="已损坏。")
        return version


def live(books: Any) -> Live[str]:
    return Live(books, lambda opened: f"assistant of {opened}")


def test_a_version_is_opened_once_and_a_new_one_serves_at_once() -> None:
    books = Books("1")
    serving = live(books)
    assert serving.version() == ""
    assert (serving(), serving(), serving.version()) == ("assistant of 1", "assistant of 1", "1")
    books.current = "2"
    assert serving() == "assistant of 2" and books.opened == ["1", "2"]


def test_while_one_opens_a_new_version_the_others_get_the_one_before() -> None:
    books = Books("1")
    serving = live(books)
    serving()
    books.current = "2"
    opening, opened = Event(), Event()

    def slow(version: str) -> str:
        opening.set()
        assert opened.wait(10)
        return version

    books.open = slow  # type: ignore[method-assign]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(serving)
        assert opening.wait(10)
        others = [serving(), serving()]
        opened.set()
        assert first.result(10) == "assistant of 2"
    assert others == ["assistant of 1"] * 2 and serving() == "assistant of 2"


def test_a_version_that_does_not_open_leaves_the_one_before() -> None:
    books = Books("1")
    serving = live(books)
    serving()
    books.current = "bad"
    assert (serving(), serving()) == ("assistant of 1", "assistant of 1")
    assert "仍在使用旧版" in serving.problem and books.opened == ["1", "bad"]
    books.current = "2"
    assert serving() == "assistant of 2" and serving.problem == ""


def test_a_version_that_was_out_of_reach_is_tried_again_after_a_while() -> None:
    books, now = Books("1"), 0.0
    serving = Live(books, lambda opened: f"assistant of {opened}", lambda: now)  # type: ignore[arg-type]
    serving()
    books.current = "bad"
    serving()
    now = 29.0
    assert serving() == "assistant of 1" and books.opened == ["1", "bad"]
    now = 31.0
    assert serving() == "assistant of 1" and books.opened == ["1", "bad", "bad"]
    books.open = lambda version: version  # type: ignore[method-assign]  # the database is back
    now = 60.0
    assert serving() == "assistant of 1" and "仍在使用旧版" in serving.problem
    now = 62.0
    assert serving() == "assistant of bad" and serving.problem == "" and serving.version() == "bad"


def test_a_version_of_another_model_needs_a_restart_not_a_build() -> None:
    books = Books("1")
    serving = live(books)
    serving()
    books.current = "other model"
    assert serving() == "assistant of 1"
    assert "重启服务" in serving.problem and "zhida build" not in serving.problem


def test_a_version_that_only_a_restart_can_open_is_not_tried_again() -> None:
    books, now = Books("1"), 0.0
    serving = Live(books, lambda opened: f"assistant of {opened}", lambda: now)  # type: ignore[arg-type]
    serving()
    books.current = "other model"
    serving()
    now = 3600.0
    assert serving() == "assistant of 1" and books.opened == ["1", "other model"]
    assert "重启服务" in serving.problem
    books.current = "2"
    assert serving() == "assistant of 2" and serving.problem == ""


def test_that_a_restart_is_needed_is_told_again_after_another_trouble() -> None:
    books, now = Books("1"), 0.0
    serving = Live(books, lambda opened: f"assistant of {opened}", lambda: now)  # type: ignore[arg-type]
    serving()
    books.current = "other model"
    serving()

    def gone() -> str:
        raise StoreError("gone", user_message="没有索引。")

    reachable, books.store.current_id = books.store.current_id, gone
    assert serving() == "assistant of 1" and "没有索引" in serving.problem
    books.store.current_id, now = reachable, 31.0
    assert serving() == "assistant of 1" and "重启服务" in serving.problem


def test_a_fault_of_ours_in_a_new_version_is_told_and_costs_no_reply(caplog: pytest.LogCaptureFixture) -> None:
    books = Books("1")
    serving = live(books)
    serving()
    books.current = "bug"
    assert [serving() for _ in range(3)] == ["assistant of 1"] * 3
    assert "请看服务的日志" in serving.problem and books.opened == ["1", "bug"]
    assert "a fault of ours" in caplog.text


def test_a_store_that_comes_back_is_no_problem_any_more() -> None:
    books = Books("1")
    serving = live(books)
    serving()

    def gone() -> str:
        raise StoreError("gone", user_message="没有索引。")

    books.store.current_id = gone
    assert serving() == "assistant of 1" and "没有索引" in serving.problem
    books.store.current_id = lambda: "1"
    assert serving() == "assistant of 1" and serving.problem == "" and books.opened == ["1"]
    books.store.current_id = lambda: "bad"
    assert serving() == "assistant of 1" and "已损坏" in serving.problem
    books.store.current_id = lambda: "1"
    assert serving() == "assistant of 1" and serving.problem == "" and books.opened == ["1", "bad"]


def test_without_any_version_the_fault_is_told_every_time() -> None:
    serving = live(Books("bad"))
    for _ in range(2):
        with pytest.raises(StoreError):
            serving()
