import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kb.columnar.ragged import Ragged

LISTS = st.lists(st.lists(st.integers(0, 99), max_size=4), min_size=1, max_size=7)


def plain(ragged: Ragged) -> list[list[int]]:
    return [ragged[place].tolist() for place in range(len(ragged))]


@given(lists=LISTS, data=st.data())
def test_lists_come_back(lists: list[list[int]], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=9))
    ragged = Ragged.of(lists)

    assert plain(ragged) == lists
    assert plain(ragged.take(np.array(places, dtype=np.int64))) == [lists[place] for place in places]
    assert plain(ragged.joined(Ragged.of(lists[:2]))) == lists + lists[:2]
    assert ragged.lengths.tolist() == [len(numbers) for numbers in lists]
    assert ragged.owners().tolist() == [place for place, numbers in enumerate(lists) for _ in numbers]


@given(lists=LISTS, data=st.data())
def test_values_are_gathered_with_their_owners(lists: list[list[int]], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=9))
    few = [data.draw(st.integers(0, len(lists[place]))) for place in places]
    where = np.array(places, dtype=np.int64)

    owners, values = Ragged.of(lists).gather(where)
    some_owners, some = Ragged.of(lists).gather(where, np.array(few, dtype=np.int64))

    assert values.tolist() == [number for place in places for number in lists[place]]
    assert owners.tolist() == [position for position, place in enumerate(places) for _ in lists[place]]
    assert some.tolist() == [
        number for place, count in zip(places, few, strict=True) for number in lists[place][:count]
    ]
    assert Ragged.of(lists).lists(where) == [lists[place] for place in places]
    assert Ragged.of(lists).lists(where, np.array(few, dtype=np.int64)) == [
        lists[place][:count] for place, count in zip(places, few, strict=True)
    ]
    assert some_owners.tolist() == [position for position, count in enumerate(few) for _ in range(count)]
