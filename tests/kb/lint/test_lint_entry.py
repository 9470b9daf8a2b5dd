from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kb.lint import Policy, lint_article, lint_entry, load_policy
from kb.records import Boundary, Fact, FaqEntry, StructuredAnswer

TODAY = date(2026, 11, 26)
NO_RULES = Policy()


def entry(name: str, question: str, **more: object) -> FaqEntry:
    return FaqEntry(name, question, StructuredAnswer("答。"), checked_on=TODAY, **more)  # type: ignore[arg-type]


def codes(
    mine: FaqEntry,
    *others: FaqEntry,
    boundaries: tuple[Boundary, ...] = (),
    facts: tuple[Fact, ...] = (),
    rules: Policy = NO_RULES,
) -> set[str]:
    return {found.code for found in lint_entry(mine, others, boundaries, facts, TODAY, rules)} - {"few-alternates"}


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


@pytest.fixture
def rules(tmp_path: Path) -> Policy:
    text = "phones: {allowed: ['95152'], patterns: ['\\b9\\d{4}\\b']}\nrules: [{id: r1, message: 不许诺, patterns: [一定]}]\n"
    (tmp_path / "policy.yaml").write_text(text, "utf-8")
    return load_policy(tmp_path / "policy.yaml")


def test_wording_is_checked_while_it_is_typed(rules: Policy) -> None:
    bad = FaqEntry("a", "怎么开通", StructuredAnswer("一定能开，请打 95555。"), checked_on=TODAY)
    assert codes(bad, rules=rules) == {"phone", "policy"}
    assert codes(entry("a", "怎么开通"), rules=rules) == set()


def test_an_article_is_checked_with_the_lines_of_its_file(rules: Policy) -> None:
    text = "---\nid: art\n---\n# 费用\n\n## 一、年费\n<!-- facts: F1, F9 -->\n请打 95555。\n"
    found = lint_article(text, "art.md", (Fact("F1", "事实"),), rules)
    assert [(item.code, item.file, item.line) for item in found] == [
        ("unknown-fact", "art.md", 8),
        ("phone", "art.md", 8),
        ("never-checked", "art.md", 1),
    ]
