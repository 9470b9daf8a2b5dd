import numpy as np
import pytest
from fakes import index_of

from kb import judge
from kb.dense import Vectors
from kb.features import NAMES
from kb.index import Index
from kb.judge import Judged, judge_rows
from kb.query import Analyzer
from kb.units import Layout, Role, Row, Unit, UnitKind

COSINE, CENTROID, EXACT = (NAMES.index(name) for name in ("cosine", "cosine_centroid", "exact"))


@pytest.fixture
def all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide no siblings but near copies."""
    monkeypatch.setattr(judge, "_HIDDEN_SHARE", 0.0)


def forms_of(index: Index, name: str) -> list[int]:
    return [n for n, row in enumerate(index.rows) if index.units[row.unit].id == name and row.role is Role.FORM]


def place(item: Judged, name: str) -> int:
    return [unit.id for unit in item.units].index(name)


def test_a_form_of_an_entry(tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> None:
    for item in judge_rows(tiny_index, tiny_vectors, tiny_analyzer, forms_of(tiny_index, "repay"), seed=1):
        own = place(item, "repay")
        assert item.expect == ""
        assert item.example.right.tolist() == [float(n == own) for n in range(len(item.units))]
        assert not item.example.none_right
        # repay states F020 and F021, early only F021
        assert item.right[own] == 1.0
        assert item.right[place(item, "early")] == 0.5
        assert item.right.sum() == 1.5


def test_who_states_all_the_facts_is_as_right(
    tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer
) -> None:
    (item,) = judge_rows(tiny_index, tiny_vectors, tiny_analyzer, forms_of(tiny_index, "early")[:1], seed=1)

    assert (item.right[place(item, "repay")], item.example.right[place(item, "repay")]) == (1.0, 0.0)


def test_an_exemplar_of_a_refusal(tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> None:
    (item,) = judge_rows(tiny_index, tiny_vectors, tiny_analyzer, forms_of(tiny_index, "bd-other")[:1], seed=1)

    assert (item.expect, item.example.none_right) == ("refuse", True)
    assert item.right.tolist() == [0.0] * len(item.units)
    assert item.example.right.tolist() == [float(unit.expect == "refuse") for unit in item.units]


def test_other_decisions_are_not_called_for_by_nothing(
    tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer
) -> None:
    (item,) = judge_rows(tiny_index, tiny_vectors, tiny_analyzer, forms_of(tiny_index, "bd-human")[:1], seed=1)

    assert (item.expect, item.example.none_right) == ("handoff", False)


def test_the_asked_form_is_hidden(tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> None:
    forms = forms_of(tiny_index, "open")

    for row, item in zip(forms, judge_rows(tiny_index, tiny_vectors, tiny_analyzer, forms, seed=1), strict=True):
        own = item.example.values[place(item, "open")]
        assert own[EXACT] == 0
        assert own[COSINE] < 0.999
        assert own[CENTROID] < tiny_index.centroids[0] @ tiny_vectors[row]


def test_the_seed_decides_what_else_is_hidden(
    tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer
) -> None:
    asked = forms_of(tiny_index, "bill")

    def values(seed: int) -> np.ndarray:
        return np.concatenate(
            [item.example.values.ravel() for item in judge_rows(tiny_index, tiny_vectors, tiny_analyzer, asked, seed)]
        )

    np.testing.assert_array_equal(values(1), values(1))
    assert values(1).shape != values(2).shape or not np.allclose(values(1), values(2))


UNITS = (Unit("a", UnitKind.FAQ, ""), Unit("b", UnitKind.FAQ, ""))
ROWS = (
    Row(0, Role.FORM, "月付怎么开"),
    Row(0, Role.FORM, "月付怎样开"),
    Row(0, Role.FORM, "如何激活"),
    Row(1, Role.FORM, "账单几号出"),
    Row(1, Role.TEXT, "每月一号"),
)
# degrees; the first two are near copies (cos 10° = 0.985)
ANGLES = np.radians([0, 10, 40, 80, 60])
VECTORS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)


@pytest.mark.usefixtures("all_kept")
def test_near_copies_are_hidden_too(tiny_analyzer: Analyzer) -> None:
    index = index_of(Layout(UNITS, ROWS), VECTORS, tiny_analyzer)

    (item,) = judge_rows(index, VECTORS, tiny_analyzer, [0], seed=1)

    assert item.example.values[place(item, "a"), COSINE] == pytest.approx(np.cos(np.radians(40)))


@pytest.mark.usefixtures("all_kept")
def test_a_form_does_not_stand_in_its_own_centroid(tiny_analyzer: Analyzer) -> None:
    index = index_of(Layout(UNITS, ROWS), VECTORS, tiny_analyzer)

    (first, only) = judge_rows(index, VECTORS, tiny_analyzer, [2, 3], seed=1)

    rest = 3 * index.centroids[0] - VECTORS[2]
    assert first.example.values[place(first, "a"), CENTROID] == pytest.approx(
        rest @ VECTORS[2] / np.linalg.norm(rest), abs=1e-6
    )
    # b has one form: without it, b is known by its text, 20 degrees away
    assert only.example.values[place(only, "b"), CENTROID] == pytest.approx(np.cos(np.radians(20)), abs=1e-6)


@pytest.mark.usefixtures("all_kept")
def test_a_unit_that_is_not_found_makes_none_right(tiny_analyzer: Analyzer) -> None:
    index = index_of(Layout(UNITS, ROWS[:4]), VECTORS[:4], tiny_analyzer)

    (item,) = judge_rows(index, VECTORS[:4], tiny_analyzer, [3], seed=1)

    assert [unit.id for unit in item.units] == ["a"]
    assert (item.example.right.tolist(), item.example.none_right) == ([0.0], True)
