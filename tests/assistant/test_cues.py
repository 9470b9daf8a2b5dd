from assistant.cues import cues, hotlines, measures
from kb.faq import FORMULAS
from kb.text import normalise


def test_every_formula_has_roles() -> None:
    assert set(cues().roles) == set(FORMULAS)


def test_cues_are_in_the_normal_form_they_are_matched_in() -> None:
    roles = [
        word
        for kinds in cues().roles.values()
        for table in kinds.values()
        for words in table.values()
        for word in words
    ]
    words = [*roles, *measures().units, *measures().names, *cues().asking, *cues().joints, *cues().negators]
    assert [word for word in words if normalise(word) != word] == []


def test_hotlines_are_the_public_ones() -> None:
    assert set(hotlines()) == {"95152", "110", "120", "96110", "12315", "12378", "12356"}
