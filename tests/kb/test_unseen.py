import numpy as np
import pytest

from kb.dense import Vectors
from kb.features import NAMES, Candidates
from kb.index import Index
from kb.query import Analyzer
from kb.units import Role
from kb.unseen import unseen

EXACT, CENTROID = NAMES.index("exact"), NAMES.index("cosine_centroid")


def forms_of(index: Index, name: str) -> list[int]:
    return [n for n, row in enumerate(index.rows) if index.units[row.unit].id == name and row.role is Role.FORM]


def own_values(index: Index, found: Candidates, name: str) -> np.ndarray:
    (place,) = [n for n, unit in enumerate(found.units.tolist()) if index.units[unit].id == name]
    return found.values[place]


def test_the_row_itself_is_not_found(tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> None:
    row, *rest = forms_of(tiny_index, "repay")
    query = tiny_analyzer.analyse(tiny_index.rows[row].text)

    found = unseen(tiny_index, query, tiny_vectors[row], row)

    assert row not in found.rows
    assert own_values(tiny_index, found, "repay")[EXACT] == 0.0
    mean = tiny_vectors[rest].sum(axis=0)
    expected = float(mean @ tiny_vectors[row] / np.linalg.norm(mean))
    # the centroid is a mean of unit length, so taking a part out of it is near, not exact
    assert own_values(tiny_index, found, "repay")[CENTROID] == pytest.approx(expected, abs=0.15)


def test_further_rows_are_hidden_too(tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> None:
    row, *rest = forms_of(tiny_index, "repay")
    query = tiny_analyzer.analyse(tiny_index.rows[row].text)

    found = unseen(tiny_index, query, tiny_vectors[row], row, rest)

    assert not set(found.rows.tolist()) & {row, *rest}
