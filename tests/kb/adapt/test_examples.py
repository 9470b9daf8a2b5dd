from collections import Counter

import numpy as np
import pytest

from kb.adapt.examples import Noise, Sample, alike, passes, samples, worth_learning
from kb.held_out import held_out
from kb.tokens import pinyin_key
from kb.units import Layout, Role, Row, Unit, UnitKind

ALIASES = {"月付": "抖音月付", "dou分期": "抖音月付"}
TEXTS = [f"抖音月付第{n}个怎么{verb}" for n in range(20) for verb in ("开通", "关闭", "还款", "官币", "提前结清")]


def test_samples() -> None:
    units = (Unit("a", UnitKind.FAQ, ""), Unit("b", UnitKind.BOUNDARY, "", expect="refuse"))
    rows = [Row(n % 2, Role.FORM, text) for n, text in enumerate(TEXTS)]
    rows += [Row(0, Role.TEXT, text) for text in TEXTS] + [Row(0, Role.NEGATIVE, "花呗怎么开通")]

    seen, unseen = samples(Layout(units, tuple(rows)))

    assert unseen == [Sample(text, n % 2, passage=False) for n, text in enumerate(TEXTS) if held_out(text)]
    assert 5 < len(unseen) < 40
    forms = [Sample(text, n % 2, passage=False) for n, text in enumerate(TEXTS) if not held_out(text)]
    assert seen == forms + [Sample(text, 0, passage=True) for text in TEXTS]


def unit(kind: UnitKind, facts: str = "", expect: str = "") -> Unit:
    return Unit("u", kind, "", tuple(facts.split()), expect=expect)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (unit(UnitKind.FAQ, "F1 F2"), unit(UnitKind.FAQ, "F2"), True),
        (unit(UnitKind.FAQ, "F1 F2"), unit(UnitKind.SECTION, "F2 F3"), True),  # half of either
        (unit(UnitKind.FAQ, "F1 F2 F3"), unit(UnitKind.FAQ, "F3 F4 F5"), False),  # a third
        (unit(UnitKind.FAQ, "F1 F2 F3 F4"), unit(UnitKind.FAQ, "F3 F4 F5 F6 F7 F8"), True),  # half of the smaller
        (unit(UnitKind.FAQ, "F1"), unit(UnitKind.FAQ, "F2"), False),
        (unit(UnitKind.FAQ), unit(UnitKind.FAQ), False),
        (unit(UnitKind.FAQ, "F1"), unit(UnitKind.FAQ), False),
        (unit(UnitKind.BOUNDARY, expect="refuse"), unit(UnitKind.BOUNDARY, expect="refuse"), True),
        (unit(UnitKind.BOUNDARY, expect="refuse"), unit(UnitKind.BOUNDARY, expect="handoff"), False),
        (unit(UnitKind.BOUNDARY, "F1", "refuse"), unit(UnitKind.FAQ, "F1"), False),
    ],
)
def test_alike(one: Unit, other: Unit, together: bool) -> None:
    assert alike([one, other]).tolist() == [[False, together], [together, False]]


def noise(seed: int = 3) -> Noise:
    return Noise([*TEXTS, "斗因越服弟个真么凯同环宽"], ALIASES, np.random.default_rng(seed))


def test_noise_follows_its_seed() -> None:
    def apply(seed: int) -> list[str]:
        maker = noise(seed)
        return [maker.apply(text) for text in TEXTS * 3]

    assert apply(3) == apply(3)
    assert apply(3) != apply(4)


def test_noise_is_one_small_slip_in_a_seventh_of_the_texts() -> None:
    maker = noise()
    pairs = [(text, maker.apply(text)) for text in TEXTS * 40]
    changed = [(text, slip) for text, slip in pairs if text != slip]
    kinds = Counter(slip_of(text, slip) for text, slip in changed)

    # 15% are picked; the few whose character has no homophone or equals its neighbour stay as they are
    assert 0.08 < len(changed) / len(pairs) < 0.15
    assert set(kinds) == {"dropped", "swapped", "renamed", "misheard"}
    assert min(kinds.values()) > 10


def slip_of(text: str, slip: str) -> str:
    if any(text.replace("抖音月付", other, 1) == slip for other in ALIASES):
        return "renamed"
    if len(slip) == len(text) - 1:
        return "dropped" if slip in {text[:n] + text[n + 1 :] for n in range(len(text))} else "?"
    if sorted(text) == sorted(slip):
        places = [n for n, (a, b) in enumerate(zip(text, slip, strict=True)) if a != b]
        return "swapped" if len(places) == 2 and places[1] == places[0] + 1 else "?"
    return "misheard" if pinyin_key(text) == pinyin_key(slip) else "?"


def test_short_texts_and_other_alphabets_stay() -> None:
    maker = Noise(["abc"], {}, np.random.default_rng(1))

    assert all(maker.apply("还款吗") == "还款吗" for _ in range(200))
    assert {len(maker.apply("abcd")) for _ in range(200)} == {3, 4}


def test_epochs() -> None:
    seen = [Sample(text, n % 3, passage=n % 2 == 0) for n, text in enumerate(TEXTS)]

    first, second, third = passes(seen, noise(), 3)

    assert first == seen
    for later in (second, third):
        assert [(item.unit, item.passage) for item in later] == [(item.unit, item.passage) for item in seen]
        assert [item for item in later if item.passage] == [item for item in seen if item.passage]
    assert [item.text for item in second] != [item.text for item in third]


def test_what_is_clear_is_left_out_but_for_a_share() -> None:
    prototypes = np.eye(3, 4, dtype=np.float32)
    sure, unsure, wrong = [1, 0, 0, 0], [0.7, 0.7, 0, 0.14], [0, 0, 1, 0]
    vectors = np.array([sure, unsure, wrong] + [sure] * 1000, dtype=np.float32)
    labels = np.zeros(len(vectors), dtype=np.int32)

    kept = worth_learning(vectors, labels, prototypes, np.zeros((3, 3), bool), 25.0, np.random.default_rng(1))

    assert {1, 2} <= set(kept.tolist())
    assert len(kept) / len(vectors) == pytest.approx(0.15, abs=0.04)


def test_what_answers_alike_need_not_be_told_apart() -> None:
    vectors = np.array([[0.7, 0.7, 0]] * 200, dtype=np.float32)
    labels, prototypes = np.zeros(200, dtype=np.int32), np.eye(2, 3, dtype=np.float32)
    together = ~np.eye(2, dtype=bool)

    kept = worth_learning(vectors, labels, prototypes, together, 25.0, np.random.default_rng(1))

    assert len(kept) < 60
    assert len(worth_learning(vectors, labels, prototypes, ~together & False, 25.0, np.random.default_rng(1))) == 200
