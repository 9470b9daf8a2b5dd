"""A memory keeps the last questions, not more of them, and keeps nothing that failed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kb.memory import Memory


def test_what_is_kept_is_not_made_again() -> None:
    noted: list[bool] = []
    memory = Memory[list[int]](2, noted.append)
    first = memory.get("一", lambda: [1])
    assert memory.get("一", lambda: pytest.fail("made again")) is first
    assert noted == [False, True]


def test_the_one_unused_for_longest_goes_first() -> None:
    memory = Memory[str](2)
    for key in ("一", "二", "一", "三"):
        memory.get(key, lambda key=key: key)
    assert memory.get("一", lambda: "made again") == "一"
    assert memory.get("二", lambda: "made again") == "made again"


def test_a_failure_is_not_kept() -> None:
    memory = Memory[str](2)
    with pytest.raises(ZeroDivisionError):
        memory.get("一", lambda: str(1 // 0))
    assert memory.get("一", lambda: "好") == "好"


def test_threads_share_one() -> None:
    memory = Memory[int](8)
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda n: memory.get(n % 12, lambda: n % 12), range(600)))
    assert values == [n % 12 for n in range(600)]
    assert len(memory._kept) == 8
