import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kb.fusion import best_rows


@given(seed=st.integers(0, 10_000), size=st.sampled_from([0, 1, 63, 640, 5_000]), kinds=st.sampled_from([1, 3, 1_000]))
def test_the_best_rows_of_any_scores(seed: int, size: int, kinds: int) -> None:
    rng = np.random.default_rng(seed)
    scores = (rng.integers(0, kinds + 1, size) / kinds).astype(np.float32) * (rng.random(size) < rng.random())

    order = np.argsort(-scores, kind="stable")[:10]

    assert best_rows(scores, 10).tolist() == [row for row in order.tolist() if scores[row] > 0]
