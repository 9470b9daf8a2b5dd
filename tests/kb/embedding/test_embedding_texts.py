"""Batches hold every text once, stay within both limits, and begin with the longest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.embedding.texts import batches


@given(st.lists(st.integers(2, 512), max_size=60), st.integers(1, 8), st.integers(1, 400))
def test_batches(lengths: list[int], size: int, tokens: int) -> None:
    found = list(batches(lengths, size, tokens))
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) <= size
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= tokens
    flat = [lengths[index] for batch in found for index in batch]
    assert flat == sorted(lengths, reverse=True)


def test_batches_are_as_large_as_the_limits_allow() -> None:
    assert list(batches([5, 20, 5, 5, 20], 3, 40)) == [[1, 4], [0, 2, 3]]
    assert list(batches([], 3, 40)) == []
