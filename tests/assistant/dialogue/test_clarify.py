from __future__ import annotations

from collections.abc import Sequence

from desk_fakes import ENTRIES, KNOWLEDGE

from assistant.dialogue.clarify import MOST_OPTIONS, options_from
from assistant.records import Option
from kb.records import FaqEntry, Hit, StructuredAnswer
from kb.snapshot import Knowledge


def hits(*names: str) -> list[Hit]:
    return [Hit(name, 0.3, (), name, {}) for name in names]


def test_a_label_is_the_standard_question() -> None:
    found = options_from(KNOWLEDGE, hits("open", "close"))
    assert found == (Option("抖音月付怎么开通", "抖音月付怎么开通"), Option("抖音月付怎么关闭", "抖音月付怎么关闭"))


def test_an_entry_that_comes_again_is_offered_once_and_unlikely_ones_only_to_have_a_choice() -> None:
    chances = {"open": 0.9, "close": 0.02, "day": 0.01, "fails": 0.2}
    found = [Hit(name, chance, (), name, {}) for name, chance in (*chances.items(), ("open", 0.5))]

    def offered(chosen: Sequence[Hit]) -> list[str]:
        return [option.question for option in options_from(KNOWLEDGE, chosen)]

    assert offered(found) == ["抖音月付怎么开通", "月付为什么付不了"]
    assert offered([hit for hit in found if hit.entry != "fails"]) == ["抖音月付怎么开通", "抖音月付怎么关闭"]


def test_entries_that_answer_the_same_are_offered_once_and_the_likelier_stays() -> None:
    found = options_from(KNOWLEDGE, hits("open-again", "open", "close"))
    assert [option.question for option in found] == ["月付开通入口在哪里", "抖音月付怎么关闭"]


def test_sections_and_unknown_ids_are_no_options() -> None:
    assert options_from(KNOWLEDGE, hits("art#1", "gone", "")) == ()
    assert options_from(KNOWLEDGE, []) == ()


def test_there_are_few_options_in_order_of_likelihood() -> None:
    found = options_from(KNOWLEDGE, hits(*(entry.id for entry in ENTRIES)))
    assert [option.question for option in found] == [entry.question for entry in ENTRIES[:MOST_OPTIONS]]


def test_entries_without_facts_are_all_different_and_long_questions_are_cut() -> None:
    entries = tuple(FaqEntry(name, f"{name}很长" * 20, StructuredAnswer("答")) for name in "甲乙")
    found = options_from(Knowledge(entries, (), (), KNOWLEDGE.lexicon), hits("甲", "乙"))
    assert [option.question for option in found] == [entry.question for entry in entries]
    assert all(0 < len(option.label) <= 18 for option in found)
