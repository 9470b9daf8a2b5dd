import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kb.columnar.coded import Coded

ROWS = st.lists(st.lists(st.sampled_from(["月付", "额度", "还款", "a", ""]), max_size=3), min_size=1, max_size=6)


def plain(coded: Coded) -> list[tuple[str, ...]]:
    return [coded.strings(row) for row in range(len(coded.ids))]


@given(old=ROWS, fresh=ROWS, data=st.data())
def test_merging_is_numbering_anew(old: list[list[str]], fresh: list[list[str]], data: st.DataObject) -> None:
    every = [*old, *fresh]
    places = data.draw(st.lists(st.integers(0, len(every) - 1), max_size=8))
    wanted = Coded.of([every[place] for place in places])

    merged = Coded.of(old).merged(Coded.of(fresh), np.array(places, dtype=np.int64))

    assert plain(merged) == [tuple(every[place]) for place in places]
    assert merged.arrays("x").keys() == wanted.arrays("x").keys()
    for name, array in wanted.arrays("x").items():
        np.testing.assert_array_equal(merged.arrays("x")[name], array, strict=True)


@given(rows=ROWS)
def test_arrays_are_all_of_it(rows: list[list[str]]) -> None:
    coded = Coded.of(rows)

    assert plain(Coded.from_arrays(coded.arrays("x"), "x")) == plain(coded) == [tuple(row) for row in rows]
