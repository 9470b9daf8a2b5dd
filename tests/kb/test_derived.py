from collections import Counter

import numpy as np
import pytest

from kb.dense import Vectors
from kb.derived import mean_vectors
from kb.index import Index
from kb.units import Role


def test_words_of_units_are_counted(tiny_index: Index) -> None:
    words: dict[int, Counter[str]] = {unit: Counter() for unit in range(len(tiny_index.units))}
    for number, row in enumerate(tiny_index.rows):
        if row.role is not Role.NEGATIVE:
            words[row.unit].update(tiny_index.columns.query(number).words)
    asked = [*dict.fromkeys(word for counts in words.values() for word in counts), "没有的词"]
    ids = tiny_index.columns.terms.vocabulary.ids(asked)

    counts = tiny_index.unit_words.of_units(ids, np.arange(len(words)))

    assert counts.tolist() == [[counts_of[word] for word in asked] for counts_of in words.values()]
    holders = np.array([sum(word in counts_of for counts_of in words.values()) for word in asked[:-1]])
    assert tiny_index.idf[ids[:-1]] == pytest.approx(np.log((len(words) + 1) / (holders + 0.5)))


def test_slots_of_units_are_named_by_a_good_part_of_their_forms(tiny_index: Index) -> None:
    forms: dict[int, list[set[str]]] = {}
    for number, row in enumerate(tiny_index.rows):
        if row.role is Role.FORM:
            values = tiny_index.columns.slots.strings(number)
            forms.setdefault(row.unit, []).append(set(values))
    names = tiny_index.columns.slots.vocabulary.texts

    for unit in range(len(tiny_index.units)):
        counts = Counter(value for values in forms.get(unit, []) for value in values)
        wanted = {value for value, count in counts.items() if count >= 0.3 * len(forms[unit])}
        assert {names[value] for value in tiny_index.unit_slots[unit].tolist()} == wanted
    assert len(tiny_index.unit_slots.values)


def test_means_do_not_depend_on_the_order(tiny_index: Index, tiny_vectors: Vectors) -> None:
    groups = tiny_index.row_unit[tiny_index.row_unit != 1]
    vectors = tiny_vectors[tiny_index.row_unit != 1]
    order = np.random.default_rng(3).permutation(len(groups))

    together = mean_vectors(vectors, groups, len(tiny_index.units))

    assert not together[1].any()
    for unit in set(groups.tolist()):
        mean = vectors[groups == unit].mean(axis=0)
        np.testing.assert_allclose(together[unit], mean / np.linalg.norm(mean), atol=1e-6)
    apart = mean_vectors(vectors[order], groups[order], len(tiny_index.units))
    np.testing.assert_allclose(apart, together, atol=1e-6)
