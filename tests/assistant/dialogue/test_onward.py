from __future__ import annotations

from assistant.dialogue.onward import facts_of, onward
from kb.lexicon import Lexicon
from kb.records import FaqEntry, Hit, Section, StructuredAnswer
from kb.snapshot import Knowledge


def entry(name: str, facts: str, category: str = "a") -> FaqEntry:
    return FaqEntry(name, f"{name}？", StructuredAnswer("答"), category=category, facts=tuple(facts.split()))


ENTRIES = (
    entry("open", "F1"),
    entry("limit", "F2", "b"),
    entry("close", "F3"),
    entry("again", "F1 F4"),
    entry("fee", "F5"),
    entry("due", "F6"),
    entry("rest", "F7"),
)
KNOWLEDGE = Knowledge(ENTRIES, (), (Section("art#1", "art", ("一",), 0, 1, ("F2",)),), Lexicon())


def hits(*names: str) -> list[Hit]:
    return [Hit(name, 0.1, (), name, {}) for name in names]


def test_the_nearest_of_the_same_category_that_tell_something_new_follow() -> None:
    found = hits("open", "again", "limit", "art#1", "close", "fee", "due", "rest")
    assert onward(KNOWLEDGE, "open", found) == ("close？", "fee？", "due？")
    assert onward(KNOWLEDGE, "limit", found) == ()


def test_what_was_answered_before_is_not_offered_again() -> None:
    assert onward(KNOWLEDGE, "open", hits("open", "close", "fee"), {"close"}) == ("fee？",)


def test_a_section_is_followed_by_what_it_does_not_state() -> None:
    assert onward(KNOWLEDGE, "art#1", hits("art#1", "limit", "fee")) == ("fee？",)
    assert facts_of(KNOWLEDGE, "art#1") == ("F2",) and facts_of(KNOWLEDGE, "gone") == ()
