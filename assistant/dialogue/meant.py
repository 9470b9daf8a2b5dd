"""Which entry a turn means that leans on the turns before it: what all of its readings say, pooled.

要是卡里没钱呢 can be read alone, with the subject, or with the whole question before it. Alone it says too little; with
the question before it, what was just answered comes again. So no one reading is taken: a conditional logit (McFadden
1974) over the entries that any of them finds weighs what each says of an entry, whether that one was just given, and
whether it is about the same matter; with the model that it was fitted with, it also weighs what such words ask of an
entry (:mod:`assistant.dialogue.products`). ``benchmarks/fit_meant.py`` fits it on conversations.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np

from assistant.dialogue.products import NAMES as OWN
from assistant.dialogue.products import Products, Senses
from assistant.records import State
from assistant.understand import requests
from kb.choice import Array, Choice
from kb.columnar.arrays import map_arrays
from kb.manifest import digest_of
from kb.ranking import leading, pool
from kb.records import FaqEntry, Hit
from kb.search import Found

NAMES = (
    "alone",  # log-odds of the entry by the words alone
    "joined",  # by the likeliest reading with the subject
    "whole",  # by the reading with the whole question before
    "again",  # the entry was just given
    "given",  # the entry was given before that
    "category",  # the entry is of the category of the one just given
    "outside",  # log-odds of the likeliest boundary by the words alone
)
# An entry that is meant with this probability is given. Of turns between 0.38 and 0.5 two thirds are answered rightly:
# being offered some questions costs as much as half a wrong answer, so that answering pays.
MEANT_FROM = 0.4
_log = logging.getLogger(__name__)
FITTED, PRODUCTS = (Path(__file__).with_name(name) for name in ("meant.json", "meant.safetensors"))
_FROM_EACH = 5
_MOST = 10
# Probabilities far below this do not differ by what they mean.
_LEAST = 0.01
# Measured over 1,300 turns: from 0.93 to 0.99 all the same, at 0.87 half a point fewer right.
_AS_SURE = 0.93
# Boundaries that say nothing of the words alone: a part of a question is vague, or like nothing known.
_OF_PARTS = frozenset({"none", "clarify"})


@dataclass(frozen=True, slots=True)
class Pool:
    """The entries that a turn's readings find, and what speaks for each.

    ``hits`` come from the reading in which each is likeliest; ``values`` is (hits, len(NAMES)); ``senses`` are vectors of
    the same hits, None where the search has none.
    """

    hits: tuple[Hit, ...]
    values: Array
    senses: Senses | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """Weights that hold for one model: those of the numbers and of the products of its vectors."""

    choice: Choice
    products: Products


@dataclass(frozen=True, slots=True)
class Judgement:
    """The fitted weights: ``plain`` ones for any model, and the ``own`` ones of the model at hand, if there are any."""

    plain: Choice
    own: Own | None = None

    def shares(self, choices: Pool) -> Array:
        """The share of each hit, (hits,); what is missing to 1 means none of them."""
        if self.own is None or choices.senses is None:
            return self.plain.shares(choices.values)
        return self.own.choice.shares(np.hstack([choices.values, self.own.products.values(choices.senses)]))


def pooled(alone: Found, leaning: Sequence[Found], state: State, entries: Mapping[str, FaqEntry]) -> Pool:
    """Collect the entries that a turn may mean.

    Args:
        alone: what the words alone find.
        leaning: what the readings find that lean on the conversation, the fullest last; at least one.
        state: what the conversation remembers: which entries were given.
        entries: all entries by their ids.
    """
    likeliest: dict[str, Hit] = {}
    for found in (alone, *leaning):
        for hit in found.hits[:_FROM_EACH]:
            if hit.entry not in likeliest or hit.probability > likeliest[hit.entry].probability:
                likeliest[hit.entry] = hit
    first, *others = (_probabilities(found) for found in (alone, *leaning))
    outside = _outside(alone)
    category = entries[state.entry].category if state.entry in entries else ""
    given = {name for _, name in state.history} - {state.entry}
    rows = []
    for name in likeliest:
        joined = max(other.get(name, 0.0) for other in others[:-1] or others)
        same = bool(category) and name in entries and entries[name].category == category
        chances = (first.get(name, 0.0), joined, others[-1].get(name, 0.0))
        rows.append([*map(_log_odds, chances), name == state.entry, name in given, same, _log_odds(outside)])
    return Pool(tuple(likeliest.values()), np.array(rows, dtype=np.float64).reshape(-1, len(NAMES)))


def meant(choices: Pool, judgement: Judgement) -> tuple[Hit, ...]:
    """The ten likeliest entries with the probability that the turn means them or what they state too, best first.

    Of those that are about as likely as the likeliest, the one that is likeliest meant itself leads.
    """
    shares = judgement.shares(choices)
    chances = pool(shares, choices.hits)
    order = np.argsort(-chances, kind="stable").tolist()
    if order:
        first = leading(chances, shares, order, _AS_SURE)
        order.remove(first)
        order.insert(0, first)
    return tuple(replace(choices.hits[place], probability=float(chances[place])) for place in order[:_MOST])


@lru_cache(maxsize=4)
def fitted(model: str) -> Judgement:
    """The weights that come with the program, for a model of this digest."""
    data = cast("dict[str, Any]", json.loads(FITTED.read_text(encoding="utf-8")))
    plain = _choice(data["plain"], NAMES)
    if data["own"]["model"] != model:
        return Judgement(plain)
    try:
        if digest_of(PRODUCTS) != data["own"]["products"]:
            raise ValueError("not the file that the weights were fitted with")
        products = Products.from_arrays(map_arrays(PRODUCTS))
    except (OSError, ValueError, KeyError) as error:
        _log.warning("follow-ups are understood without %s: %s", PRODUCTS.name, error)
        return Judgement(plain)
    return Judgement(plain, Own(_choice(data["own"], (*NAMES, *OWN)), products))


def _choice(data: dict[str, Any], names: Sequence[str]) -> Choice:
    return Choice(np.array([float(data["weights"][name]) for name in names]), float(data["outside"]))


def _outside(alone: Found) -> float:
    """Mass of the likeliest boundary by the words alone; who only tells of his own data (我昨晚刚还的) asks for none."""
    tells = alone.kinds.get("privacy") == "account" and not requests(alone.query.text)
    told = _OF_PARTS | {"privacy"} if tells else _OF_PARTS
    return max((mass for name, mass in alone.boundaries.items() if name not in told), default=0.0)


def _probabilities(found: Found) -> dict[str, float]:
    return {hit.entry: hit.probability for hit in found.hits}


def _log_odds(chance: float) -> float:
    return float(np.log((chance + _LEAST) / (1.0 + _LEAST - chance)))
