import numpy as np
import pytest
from numpy.typing import NDArray

from kb.adapt.order import Order

ROWS = np.arange(240).reshape(4, 60)
LENGTHS = [*([3, 30] * 120), *range(1, 61)]
FURTHER = range(240, 300)


def unasked(_number: int) -> NDArray[np.float32]:
    pytest.fail("all texts are gone over")


def places(order: Order) -> list[int]:
    return [place for batch in order for place in batch]


def unsure_of(*texts: int) -> NDArray[np.float32]:
    sure = np.ones(60, dtype=np.float32)
    sure[list(texts)] = 0.1
    return sure


def test_every_text_comes_once_in_a_pass_and_passes_follow_each_other() -> None:
    taken = places(Order(ROWS, LENGTHS, batch=8, seed=1, sureness=unasked))

    assert len(taken) == 240
    for number in range(4):
        assert sorted(taken[60 * number : 60 * number + 60]) == list(range(60 * number, 60 * number + 60))


def test_the_last_passes_take_a_third_and_mostly_what_is_not_sure() -> None:
    order = Order(ROWS, LENGTHS, batch=8, seed=1, hard=1, sureness=lambda _: unsure_of(*range(14)))
    taken = [place - 180 for place in places(order) if place >= 180]

    assert len(taken) == len(set(taken)) == 20
    assert set(range(14)) <= set(taken)


def test_what_is_not_sure_is_asked_anew_for_each_pass() -> None:
    order = Order(ROWS, LENGTHS, 8, 1, hard=2, sureness=lambda number: unsure_of(*range(14 * number, 14 * number + 14)))
    taken = places(order)

    assert {place - 120 for place in taken if 120 <= place < 180} >= set(range(14))
    assert {place - 180 for place in taken if place >= 180} >= set(range(14, 28))


def test_there_are_as_many_batches_as_it_says() -> None:
    order = Order(ROWS, LENGTHS, batch=7, seed=1, hard=2, sureness=lambda _: unsure_of(1))
    assert len(order) == len(list(order)) == 9 + 9 + 3 + 3


def test_each_batch_ends_with_some_of_the_further_texts() -> None:
    for batch in Order(ROWS, LENGTHS, batch=8, seed=1, sureness=unasked, further=FURTHER, beside=5):
        own, further = batch[:-5], batch[-5:]
        assert all(place < 240 for place in own)
        assert all(240 <= place < 300 for place in further)
        assert len(set(further)) == 5


def test_without_further_texts_there_is_nothing_to_add() -> None:
    assert list(Order(ROWS, LENGTHS, 8, 1, sureness=unasked, beside=5)) == list(
        Order(ROWS, LENGTHS, 8, 1, sureness=unasked)
    )


def test_there_may_be_fewer_further_texts_than_are_wanted() -> None:
    order = Order(ROWS[:, :5], LENGTHS, 8, 1, sureness=unasked, further=range(240, 243), beside=5)
    assert all(sorted(batch[-3:]) == [240, 241, 242] for batch in order)


def test_a_batch_holds_texts_of_a_length() -> None:
    order = Order(ROWS[:1], LENGTHS, batch=10, seed=1, sureness=unasked)
    assert all(len({LENGTHS[place] for place in batch}) == 1 for batch in order)


def test_a_single_text_is_gone_over_too() -> None:
    order = Order(np.zeros((3, 1), dtype=np.int64), [4], 8, 1, hard=2, sureness=lambda _: np.zeros(1, dtype=np.float32))
    assert list(order) == [[0], [0], [0]]
