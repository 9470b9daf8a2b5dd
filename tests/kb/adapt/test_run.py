from pathlib import Path

import numpy as np
from fakes import FakeEmbedder

from kb.adapt import run
from kb.adapt.examples import Sample


def test_what_an_interrupted_run_has_encoded_is_kept(tmp_path: Path) -> None:
    items, path = [Sample("怎么还", 0, False), Sample("打开钱包", 0, True)], tmp_path / "before.npy"
    first, second, third = FakeEmbedder(), FakeEmbedder(), FakeEmbedder()

    vectors = run._kept(path, 2, lambda: run.encode(first, items))
    again = run._kept(path, 2, lambda: run.encode(second, items))
    run._kept(path, 1, lambda: run.encode(third, items[:1]))

    np.testing.assert_array_equal(vectors, again)
    assert (first.asked, first.told) == (["怎么还"], ["打开钱包"])
    assert (second.asked, second.told, third.asked) == ([], [], ["怎么还"])
