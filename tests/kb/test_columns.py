import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kb.columns import Columns
from kb.query import Analyzer
from kb.text import normalise

TEXTS = st.lists(
    st.text(st.sampled_from("抖音月付月服花呗怎么开通关闭还款额度abc1？ 　"), max_size=14).map(normalise),
    min_size=1,
    max_size=6,
)


@given(texts=TEXTS)
def test_a_row_is_what_was_analysed(tiny_analyzer: Analyzer, texts: list[str]) -> None:
    queries = [tiny_analyzer.analyse(text) for text in texts]

    columns = Columns.from_arrays(Columns.of(texts, queries).arrays())

    assert [columns.query(row) for row in range(len(columns))] == queries
    assert list(columns.texts) == texts


@given(texts=TEXTS, data=st.data())
def test_merged_rows_are_those_of_both(tiny_analyzer: Analyzer, texts: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(texts)))
    places = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=6))
    queries = [tiny_analyzer.analyse(text) for text in texts]
    old, fresh = Columns.of(texts[:cut], queries[:cut]), Columns.of(texts[cut:], queries[cut:])

    merged = old.merged(fresh, np.array(places, dtype=np.int64)).arrays()
    wanted = Columns.of([texts[place] for place in places], [queries[place] for place in places]).arrays()

    assert merged.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_array_equal(merged[name], array, strict=True)
