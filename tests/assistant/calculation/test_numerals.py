from decimal import Decimal

import pytest

from assistant.calculation.numerals import spelled_digits, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("300", "300"),
        ("1,234.5", "1234.5"),
        ("3k", "3000"),
        ("1.2w", "12000"),
        ("1.2万", "12000"),
        ("1万5", "15000"),
        ("3千5百", "3500"),
        ("一万二", "12000"),
        ("两千五", "2500"),
        ("三百八", "380"),
        ("一百零五", "105"),
        ("十", "10"),
        ("廿", "20"),
        ("壹佰", "100"),
        ("半", "0.5"),
    ],
)
def test_value_of_reads_what_people_type(text: str, value: str) -> None:
    assert value_of(text) == Decimal(value)


@pytest.mark.parametrize("text", ["三四", "七八百", "一百千", "二零二六", "点"])
def test_value_of_leaves_guesses_alone(text: str) -> None:
    assert value_of(text) is None


def test_spelled_digits() -> None:
    assert spelled_digits("二零二六") == 2026
    assert spelled_digits("十六") is None
    assert spelled_digits("") is None
