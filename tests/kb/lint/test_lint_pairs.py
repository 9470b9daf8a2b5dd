import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.fuzz import ratio

from kb.lint import pairs as pairing
from kb.lint.pairs import near_pairs


def brute(keys: list[str], owners: list[str], least: float) -> set[tuple[int, int]]:
    found = set()
    grams = [{key[at : at + 2] for at in range(len(key) - 1)} for key in keys]
    for second in range(len(keys)):
        for first in range(second):
            one, other = grams[first], grams[second]
            if owners[first] != owners[second] and one & other:
                jaccard = len(one & other) / len(one | other)
                if max(jaccard, ratio(keys[first], keys[second]) / 100) >= least:
                    found.add((first, second))
    return found


@pytest.mark.parametrize("least", [0.8, 0.9, 0.93])
@pytest.mark.parametrize("short", [0, 8, 40])
@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("月付额度还款开通", max_size=14), max_size=8), st.integers(0, 1 << 30))
def test_nothing_near_is_missed(least: float, short: int, texts: list[str], seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - test data
    edited = [text[:at] + draw.choice("月付甲乙") + text[at + draw.randint(0, 1) :] for text in texts for at in (0, 5)]
    keys = [text * draw.randint(1, 3) for text in (*texts, *edited)]
    owners = [str(draw.randint(0, 9)) for _ in keys]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairing, "_SHORT", short)
        pairs = near_pairs(keys, owners, least)

    assert {(pair.first, pair.second) for pair in pairs} == brute(keys, owners, least)
    assert all(least <= pair.similarity <= 1 for pair in pairs)
    assert [pair.similarity for pair in pairs] == sorted((pair.similarity for pair in pairs), reverse=True)


def test_thousands_that_differ_in_a_number_are_hardly_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    close = pairing._close
    monkeypatch.setattr(
        pairing, "_close", lambda key, places, *rest: compared.append(len(places)) or close(key, places, *rest)
    )
    things = [f"{a}{b}" for a in "账额退合发会积地" for b in "单度款同票员分址"]
    keys = [f"手机端{number}号{things[number % 64]}怎么查询" for number in range(1000, 3000)]

    pairs = near_pairs(keys, [str(number) for number in range(2000)], 0.93)

    assert pairs == []
    assert sum(compared) < 2000 * 2000 / 2 / 100
