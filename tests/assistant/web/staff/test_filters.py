from __future__ import annotations

from dataclasses import replace
from datetime import date

from assistant.web.staff.filters import ARTICLES, Sieve, Wanted, categories, products, products_in
from kb.lexicon import Lexicon
from kb.records import Document, FaqEntry, Section, StructuredAnswer
from kb.snapshot import Knowledge

LEXICON = Lexicon(slots={"product": {"抖音月付": ("月付",), "抖音支付": ("抖音支付",), "抖音": ("抖音",)}})
ANSWER = StructuredAnswer("答。")
KNOWLEDGE = Knowledge(
    (
        FaqEntry("open", "抖音月付怎么开通", ANSWER, kind="steps", category="开通", checked_on=date(2026, 11, 20)),
        FaqEntry(
            "pay",
            "抖音支付怎么绑卡",
            ANSWER,
            category="支付",
            checked_on=date(2026, 1, 1),
            valid_until=date(2026, 6, 1),
        ),
        FaqEntry("plain", "怎么联系客服", ANSWER),
    ),
    (Document("art", "抖音月付开通说明", "", "开通", date(2026, 11, 1)),),
    (Section("art#1", "art", ("开通",), 0, 0),),
    LEXICON,
)
DAY = date(2026, 11, 26)


def kept(**wanted: str) -> list[str]:
    return sorted(Sieve().passing(Wanted(**wanted), KNOWLEDGE, DAY))


def test_each_filter() -> None:
    assert kept() == ["art#1", "open", "pay", "plain"]
    assert kept(category="开通") == ["art#1", "open"]
    assert kept(kind="steps") == ["open"]
    assert kept(kind=ARTICLES) == ["art#1"]
    assert kept(product="抖音月付") == ["art#1", "open"]
    assert kept(freshness="30 天内核对过") == ["art#1", "open"]
    assert kept(freshness="已过有效期") == ["pay"]
    assert kept(category="开通", kind="steps", product="抖音支付") == []


def test_the_longest_name_at_a_place_counts() -> None:
    questions = [entry.question for entry in KNOWLEDGE.entries]
    assert products_in(questions, LEXICON) == [{"抖音月付"}, {"抖音支付"}, frozenset()]


def test_what_passed_is_kept_for_the_same_filters_of_the_same_day_and_version() -> None:
    sieve = Sieve()
    first = sieve.passing(Wanted(category="开通"), KNOWLEDGE, DAY)

    assert sieve.passing(Wanted(category="开通"), KNOWLEDGE, DAY) is first
    assert sieve.passing(Wanted(category="支付"), KNOWLEDGE, DAY) == {"pay"}
    assert sieve.passing(Wanted(freshness="30 天内核对过"), KNOWLEDGE, date(2026, 12, 15)) == {"open"}
    assert sieve.passing(Wanted(category="支付"), replace(KNOWLEDGE, entries=()), DAY) == frozenset()


def test_what_can_be_chosen() -> None:
    assert categories(KNOWLEDGE) == ("开通", "支付")
    assert products(LEXICON) == ("抖音月付", "抖音支付", "抖音")
    assert products(Lexicon()) == ()
