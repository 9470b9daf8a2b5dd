from assistant.cues import cues, hotlines
from kb.text import normalise


def test_cues_are_in_the_normal_form_they_are_matched_in() -> None:
    words = [*cues().asking, *cues().joints, *cues().negators]
    assert [word for word in words if normalise(word) != word] == []


def test_hotlines_are_the_public_ones() -> None:
    assert set(hotlines()) == {"95152", "110", "120", "96110", "12315", "12378", "12356"}
