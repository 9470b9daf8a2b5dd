from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from desk_fakes import ENTRIES

from assistant.dialogue import meant as meant_module
from assistant.dialogue.meant import FITTED, NAMES, Judgement, Own, Pool, fitted, meant, pooled
from assistant.dialogue.products import NAMES as OWN
from assistant.dialogue.products import Bilinear, Products, Senses
from assistant.records import State
from kb.choice import Choice
from kb.query import Query
from kb.records import FaqEntry, Hit, StructuredAnswer
from kb.search import Found

BY_ID = {entry.id: entry for entry in ENTRIES}


def hit(name: str, probability: float, *facts: str) -> Hit:
    return Hit(name, probability, facts or (name,), name, {})


def found(*hits: Hit, **boundaries: float) -> Found:
    return Found(Query("", "", (), "", {}), hits, sum(one.probability for one in hits), boundaries, {})


def value(pool: Pool, entry: str, feature: str) -> float:
    place = [one.entry for one in pool.hits].index(entry)
    return float(pool.values[place, NAMES.index(feature)])


def test_every_entry_that_a_reading_finds_may_be_meant() -> None:
    choices = pooled(found(hit("open", 0.2)), [found(hit("close", 0.6)), found(hit("open", 0.9))], State(), BY_ID)

    assert {one.entry: one.probability for one in choices.hits} == {"open": 0.9, "close": 0.6}
    assert value(choices, "open", "alone") < 0 < value(choices, "open", "whole")
    assert value(choices, "open", "joined") == value(choices, "close", "alone") == pytest.approx(np.log(0.01 / 1.01))
    assert value(choices, "close", "joined") > 0


def test_what_was_just_given_and_what_is_of_its_kind_are_told_apart() -> None:
    entries = {name: FaqEntry(name, name, StructuredAnswer(""), category=kind) for name, kind in
               (("fee", "费用"), ("term", "费用"), ("bill", "账单"))}  # fmt: skip
    choices = pooled(
        found(hit("fee", 0.5), hit("term", 0.5), hit("bill", 0.5)),
        [found()],
        State(entry="fee", history=(("问", "bill"), ("问", "fee"))),
        entries,
    )

    assert [value(choices, name, "again") for name in ("fee", "term", "bill")] == [1, 0, 0]
    assert [value(choices, name, "given") for name in ("fee", "term", "bill")] == [0, 0, 1]
    assert [value(choices, name, "category") for name in ("fee", "term", "bill")] == [1, 1, 0]


def test_after_a_section_nothing_is_of_its_category() -> None:
    choices = pooled(found(hit("art#1", 0.5)), [found(hit("open", 0.5))], State(entry="art#1"), BY_ID)

    assert [value(choices, name, "category") for name in ("art#1", "open")] == [0, 0]
    assert value(choices, "art#1", "again") == 1


def test_a_boundary_by_the_words_alone_counts_against_all_but_a_vague_one_does_not() -> None:
    def outside(**masses: float) -> float:
        return value(pooled(found(hit("open", 0.5), **masses), [found()], State(), BY_ID), "open", "outside")

    assert outside(refuse=0.9, none=0.1) > 0
    assert outside(clarify=0.9, none=0.1) == outside() < 0


def test_entries_that_state_the_same_answer_for_each_other() -> None:
    values = np.zeros((3, len(NAMES)))
    first, second, third = meant(
        Pool((hit("a", 0.5, "F1"), hit("b", 0.5, "F1"), hit("c", 0.5, "F2")), values),
        Judgement(Choice(np.zeros(len(NAMES)), 0.0)),
    )

    assert {first.entry, second.entry} == {"a", "b"} and third.entry == "c"
    assert (first.probability, third.probability) == (pytest.approx(0.5), pytest.approx(0.25))


def test_where_nothing_is_found_nothing_is_meant() -> None:
    assert meant(pooled(found(), [found()], State(), BY_ID), fitted("")) == ()


def senses(*entries: tuple[float, float]) -> Senses:
    return Senses(np.array([1, 0], np.float32), np.zeros(2, np.float32), np.array(entries, np.float32))


def test_the_products_of_a_model_move_its_shares_and_no_others() -> None:
    form = Bilinear(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32))
    plain = Choice(np.zeros(len(NAMES)), 0.0)
    own = Own(Choice(np.append(np.zeros(len(NAMES)), [1.0, 1.0]), 0.0), Products(form, form))
    hits, values = (hit("a", 0.5), hit("b", 0.5)), np.zeros((2, len(NAMES)))
    sensed = Pool(hits, values, senses((1, 0), (0, 1)))

    first, second = Judgement(plain, own).shares(sensed)
    assert first > 1 / 3 > second
    assert Judgement(plain, own).shares(Pool(hits, values)).tolist() == pytest.approx([1 / 3, 1 / 3])
    assert Judgement(plain).shares(sensed).tolist() == pytest.approx([1 / 3, 1 / 3])


@pytest.mark.parametrize("own", [False, True])
def test_the_fitted_weights_say_what_one_expects(own: bool) -> None:
    model = str(json.loads(FITTED.read_text("utf-8"))["own"]["model"])
    judgement = fitted(model if own else "another")
    assert (judgement.own is not None) == own
    choice = judgement.own.choice if judgement.own is not None else judgement.plain
    weights = dict(zip((*NAMES, *OWN), choice.weights.tolist(), strict=False))

    assert len(choice.weights) == len(NAMES) + (len(OWN) if own else 0)
    assert weights["category"] > 0 > weights["outside"]
    assert min(weights["alone"], weights["joined"], weights["whole"]) > 0


@pytest.mark.parametrize("content", [None, b"", b"another"])
def test_without_its_products_a_model_is_understood_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    model = str(json.loads(FITTED.read_text("utf-8"))["own"]["model"])
    if content is not None:
        (tmp_path / "meant.safetensors").write_bytes(content)
    monkeypatch.setattr(meant_module, "PRODUCTS", tmp_path / "meant.safetensors")
    fitted.cache_clear()
    try:
        assert fitted(model).own is None
    finally:
        fitted.cache_clear()
