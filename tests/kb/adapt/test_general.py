"""Made-up text is varied, repeatable, and keeps an encoder near to the packaged one."""

import numpy as np
import pytest

from kb.adapt.examples import NOBODYS
from kb.adapt.general import Writer
from kb.dictionary import dictionary


@pytest.fixture(scope="module")
def words() -> list[tuple[str, int, str]]:
    return list(dictionary())


def written(words: list[tuple[str, int, str]], count: int, seed: int = 1) -> list[str]:
    return [sample.text for sample in Writer(words, np.random.default_rng(seed)).texts(count)]


def test_texts_are_of_both_prompts_and_nobodys(words: list[tuple[str, int, str]]) -> None:
    samples = Writer(words, np.random.default_rng(1)).texts(200)

    assert {sample.passage for sample in samples} == {True, False}
    assert {sample.unit for sample in samples} == {NOBODYS}
    assert all(sample.text and "{" not in sample.text for sample in samples)


def test_a_seed_writes_the_same_again(words: list[tuple[str, int, str]]) -> None:
    assert written(words, 50) == written(words, 50) != written(words, 50, seed=2)


def test_hardly_a_text_comes_twice(words: list[tuple[str, int, str]]) -> None:
    assert len(set(written(words, 2000))) > 1900


def test_short_and_long_texts(words: list[tuple[str, int, str]]) -> None:
    lengths = [len(text) for text in written(words, 500)]
    assert min(lengths) < 10
    assert max(lengths) > 120
