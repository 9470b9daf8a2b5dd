from __future__ import annotations

from datetime import date

from kb.lint import lint_entry
from kb.records import Boundary, Fact, FaqEntry, StructuredAnswer

TODAY = date(2026, 11, 26)


def entry(name: str, question: str, **more: object) -> FaqEntry:
    return FaqEntry(name, question, StructuredAnswer("答。"), checked_on=TODAY, **more)  # type: ignore[arg-type]


def codes(
    mine: FaqEntry, *others: FaqEntry, boundaries: tuple[Boundary, ...] = (), facts: tuple[Fact, ...] = ()
) -> set[str]:
    return {found.code for found in lint_entry(mine, others, boundaries, facts, TODAY)} - {"few-alternates"}


def test_a_good_entry() -> None:
    assert codes(entry("a", "怎么开通")) == set()


def test_findings_are_of_this_entry_alone() -> None:
    twins = (entry("b", "怎么关闭"), entry("c", "怎么关闭"))
    assert codes(entry("a", "怎么开通"), *twins) == set()
    assert codes(entry("a", "怎么关闭！"), *twins) == {"same-form"}


def test_boundaries_facts_and_dates() -> None:
    bound = Boundary("bd", "human", "handoff", ("转人工",))
    facts = (Fact("F1", "事实", policy="⏳"),)
    assert codes(entry("a", "转人工"), boundaries=(bound,)) == {"form-is-boundary"}
    assert codes(entry("a", "甲乙", facts=("F1", "F2")), facts=facts) == {"unknown-fact", "no-valid-until"}
    assert codes(entry("a", "甲乙", valid_until=date(2026, 1, 1), negatives=("甲乙",))) == {
        "expired",
        "form-is-negative",
    }


def test_a_disabled_entry_bothers_nobody() -> None:
    assert codes(entry("a", "怎么开通", enabled=False), entry("b", "怎么开通")) == set()
