import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint_bench import Workbench
from rapidfuzz.fuzz import ratio

from kb.lint.nearness import near_pairs

LONG = "先打开抖音登录账号再点右下角的我进入钱包找到月付入口按提示验证身份然后提交等待审核通过"


def test_near_forms_of_two_entries(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "我想开通月付", LONG)
    bench.add(alternates=[LONG.replace("等待", "等着"), *"甲乙丙丁戊"])

    found = bench.only()

    assert (found.severity, found.code, found.line) == ("warning", "near-form", 3)
    assert "extra" in found.message
    assert "faq/a.yaml:15" in found.message


def test_near_form_and_exemplar(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "我想开通月付", LONG)
    bench.change("boundaries/b.yaml", "早上好", LONG[:-1])

    assert "边界「bd-hello」" in bench.only().message


def test_near_answers(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "在钱包里点抖音月付，按提示验证身份。", LONG)
    bench.add(answer=f"{LONG}打开抖音点我的钱吧")

    found = bench.only()

    assert (found.code, found.line) == ("near-answer", 5)


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
@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("月付额度还款开通", max_size=14), max_size=8), st.integers(0, 1 << 30))
def test_nothing_near_is_missed(least: float, texts: list[str], seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - test data
    edited = [text[:at] + draw.choice("月付甲乙") + text[at + draw.randint(0, 1) :] for text in texts for at in (0, 5)]
    keys = [text * draw.randint(1, 3) for text in (*texts, *edited)]
    owners = [str(draw.randint(0, 9)) for _ in keys]

    pairs = near_pairs(keys, owners, least)

    assert {(pair.first, pair.second) for pair in pairs} == brute(keys, owners, least)
    assert all(least <= pair.similarity <= 1 for pair in pairs)
    assert [pair.similarity for pair in pairs] == sorted((pair.similarity for pair in pairs), reverse=True)
