from assistant.calculation.cues import formula_cues, measures
from kb.faq import FORMULAS
from kb.text import normalise


def test_every_formula_has_roles() -> None:
    assert set(formula_cues().roles) == set(FORMULAS)


def test_cues_are_in_the_normal_form_they_are_matched_in() -> None:
    roles = [
        word
        for kinds in formula_cues().roles.values()
        for table in kinds.values()
        for words in table.values()
        for word in words
    ]
    words = [*roles, *measures().units, *measures().names]
    assert [word for word in words if normalise(word) != word] == []
