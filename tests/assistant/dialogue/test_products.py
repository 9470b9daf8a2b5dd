from __future__ import annotations

import numpy as np
import pytest

from assistant.dialogue.products import NAMES, Bilinear, Products, Senses


def vectors(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def test_a_form_is_the_product_of_both_vectors_with_its_matrix() -> None:
    rng = np.random.default_rng(1)
    form = Bilinear(*(rng.normal(size=(4, 2)).astype(np.float32) for _ in range(2)))
    one, others = rng.normal(size=4).astype(np.float32), rng.normal(size=(3, 4)).astype(np.float32)

    np.testing.assert_allclose(form.of(one, others), others @ (form.left @ form.right.T).T @ one, rtol=1e-5)


def test_each_form_reads_its_own_vector() -> None:
    same, other = vectors((1, 0), (0, 1)), vectors((0, 1), (1, 0))
    straight, crossed = Bilinear(same, same), Bilinear(same, other)
    values = Products(straight, crossed).values(
        Senses(words=vectors((1, 0))[0], before=vectors((1, 0))[0], entries=vectors((1, 0), (0, 1)))
    )

    assert values.shape == (2, len(NAMES))
    assert values[:, 0].tolist() == [1, 0]  # asked: the entry that is like the words
    assert values[:, 1].tolist() == [0, 1]  # follows: the other one, by its own matrix


def test_where_nothing_was_given_before_nothing_follows() -> None:
    form = Bilinear(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32))
    senses = Senses(np.ones(3, dtype=np.float32), np.zeros(3, dtype=np.float32), np.eye(3, dtype=np.float32))

    assert Products(form, form).values(senses)[:, 1].tolist() == [0, 0, 0]


def test_what_is_written_is_read_again() -> None:
    rng = np.random.default_rng(2)
    forms = [Bilinear(*(rng.normal(size=(3, 2)).astype(np.float32) for _ in range(2))) for _ in NAMES]
    arrays = Products(*forms).to_arrays()

    again = Products.from_arrays(arrays)

    np.testing.assert_array_equal(again.asked.left, forms[0].left)
    np.testing.assert_array_equal(again.follows.right, forms[1].right)
    with pytest.raises(KeyError):
        Products.from_arrays({})
