from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import wording
from kb.columnar.texts import Texts
from kb.wording import Wording

PRIOR = 600.0
TEXTS = st.lists(st.tuples(st.integers(0, 3), st.text("月付额度还款a😀", max_size=6)), max_size=8)
ANY = st.text(st.characters(), max_size=12)


def grams(text: str) -> set[str]:
    return {*text, *(text[at : at + 2] for at in range(len(text) - 1))}


def naive(texts: list[tuple[int, str]], question: str, unit: int) -> tuple[float, int]:
    """The definition, with dictionaries."""
    everywhere = Counter(gram for _, text in texts for gram in grams(text))
    total = sum(everywhere.values()) + len(everywhere)
    own = Counter(gram for owner, text in texts if owner == unit for gram in grams(text))
    asked = grams(question)
    ratios = [math.log1p(own[gram] / (PRIOR * (everywhere[gram] + 1) / total)) for gram in asked & everywhere.keys()]
    return sum(ratios) - len(asked) * math.log1p(own.total() / PRIOR), len(asked)


def build(texts: list[tuple[int, str]]) -> Wording:
    return Wording.build(
        Texts.of(text for _, text in texts), np.array([owner for owner, _ in texts], dtype=np.int32), 4
    )


def test_by_hand() -> None:
    # unit 0 says 还款 twice, unit 1 月付 once; 还, 款 and the pair stand in 2 of the 9 grams, with one more each 3 of 15
    scores, asked = build([(0, "还款"), (0, "还款"), (1, "月付")]).scores("还款吗")

    # 吗 and 款吗 are nobody's
    assert asked == 5
    assert scores[0] == pytest.approx(3 * math.log1p(2 / (PRIOR * 3 / 15)) - 5 * math.log1p(6 / PRIOR))
    assert scores[1] == pytest.approx(-5 * math.log1p(3 / PRIOR))


@given(texts=TEXTS, question=st.text("月付额度还款ab😀", max_size=8))
def test_agrees_with_the_definition(texts: list[tuple[int, str]], question: str) -> None:
    scores, known = build(texts).scores(question)

    for unit in range(4):
        value, count = naive(texts, question, unit)
        assert (scores[unit], known) == (pytest.approx(value), count)


@given(texts=TEXTS.filter(bool), question=st.text("月付额度还款", max_size=8), data=st.data())
def test_hidden_texts_count_for_nothing(texts: list[tuple[int, str]], question: str, data: st.DataObject) -> None:
    hidden = data.draw(st.lists(st.sampled_from(range(len(texts))), unique=True))
    wording = build(texts)
    scores, _ = wording.scores(question, [texts[place] for place in hidden])

    # only the units' own counts shrink; how common a gram is stays, as it does for BM25
    common = {chr(code): share for code, share in zip(wording.grams, wording.common, strict=True) if code < 0x110000}
    left = [text for place, text in enumerate(texts) if place not in hidden]
    for unit in range(4):
        own = Counter(gram for owner, text in left if owner == unit for gram in grams(text))
        if len(question) == 1:
            share = math.log1p(own[question] / (PRIOR * common[question])) if question in common else 0.0
            assert scores[unit] == pytest.approx(share - math.log1p(own.total() / PRIOR))
        if not any(texts[place][0] == unit for place in hidden):
            assert scores[unit] == pytest.approx(wording.scores(question)[0][unit])


@given(texts=st.lists(ANY, max_size=6), question=ANY)
def test_any_text_has_scores_and_loads_again(texts: list[str], question: str) -> None:
    built = Wording.build(Texts.of(texts), np.arange(len(texts), dtype=np.int32) % 3, 3)
    loaded = Wording.load(built.arrays(), 3)

    assert np.isfinite(built.scores(question)[0]).all()
    np.testing.assert_array_equal(loaded.scores(question)[0], built.scores(question)[0])


def test_grams_that_do_not_fit_into_one_number_are_counted_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, owners = ["怎么还款", "还款还款", "在哪还", "😀怎么"], np.array([0, 0, 1, 2], dtype=np.int32)
    packed = Wording.build(Texts.of(texts), owners, 3)
    monkeypatch.setattr(wording, "_WHOLE", 0)
    apart = Wording.build(Texts.of(texts), owners, 3)
    for name, array in packed.arrays().items():
        np.testing.assert_array_equal(array, apart.arrays()[name])
