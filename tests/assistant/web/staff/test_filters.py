from __future__ import annotations

from datetime import date

from assistant.web.staff.filters import ARTICLES, Wanted, categories, narrowed, products, products_of
from kb.lexicon import Lexicon
from kb.records import Document, FaqEntry, Hit, StructuredAnswer
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
    (),
    LEXICON,
)
HITS = tuple(Hit(name, 0.5, (), "", {}) for name in ("open", "pay", "plain", "art#1", "gone"))


def kept(**wanted: str) -> list[str]:
    return [hit.entry for hit in narrowed(HITS, Wanted(**wanted), KNOWLEDGE, date(2026, 11, 26))]


def test_each_filter() -> None:
    assert kept() == ["open", "pay", "plain", "art#1"]
    assert kept(category="开通") == ["open", "art#1"]
    assert kept(kind="steps") == ["open"]
    assert kept(kind=ARTICLES) == ["art#1"]
    assert kept(product="抖音月付") == ["open", "art#1"]
    assert kept(freshness="30 天内核对过") == ["open", "art#1"]
    assert kept(freshness="已过有效期") == ["pay"]
    assert kept(category="开通", kind="steps", product="抖音支付") == []


def test_the_longest_name_at_a_place_counts() -> None:
    assert products_of(KNOWLEDGE.entries[0], LEXICON) == {"抖音月付"}
    assert products_of(KNOWLEDGE.entries[1], LEXICON) == {"抖音支付"}
    assert products_of(KNOWLEDGE.entries[2], LEXICON) == frozenset()


def test_what_can_be_chosen() -> None:
    assert categories(KNOWLEDGE) == ("开通", "支付")
    assert products(LEXICON) == ("抖音月付", "抖音支付", "抖音")
    assert products(Lexicon()) == ()
