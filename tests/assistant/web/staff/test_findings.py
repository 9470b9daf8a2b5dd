from __future__ import annotations

import json

import numpy as np

from assistant.web.files import asset
from assistant.web.staff.findings import Shown, findings, reasons
from kb.choice import Choice
from kb.features import NAMES
from kb.lexicon import Lexicon
from kb.query import Query
from kb.ranking import Ranker
from kb.records import FaqEntry, Hit, StructuredAnswer
from kb.search import Found
from kb.snapshot import Knowledge

ENTRY = FaqEntry("e<1>", "怎么<关>", StructuredAnswer("答&案", "细节", ("一步",)))
KNOWLEDGE = Knowledge((ENTRY,), (), (), Lexicon())
QUERY = Query("{{怎么关}}", "", (), "", {})
RANKER = Ranker(Choice(np.ones(len(NAMES)), 0.0))


def hit(**values: float) -> Hit:
    return Hit("e<1>", 0.934, (), "<i>问法", {name: 0.0 for name in NAMES} | values)


def test_every_feature_has_a_chinese_name() -> None:
    assert set(NAMES) <= set(json.loads(asset("features.json")))


def test_the_strongest_features_are_named_with_their_direction() -> None:
    assert reasons(hit(cosine=0.9, polarity=-0.5, bm25=0.001), RANKER) == [
        "+ 与最像的问法意思接近",
        "− 肯定或否定不一致",
    ]
    assert reasons(hit(), RANKER) == []


def test_everything_in_the_table_is_escaped() -> None:
    found = Found(QUERY, (hit(cosine=1.0),), 0.9, {"none": 0.1}, {})
    shown = findings(found, RANKER, KNOWLEDGE)
    assert "93.4%" in shown and "答&amp;案<br>1. 一步<br>细节" in shown and "知识库能答 90%" in shown
    assert not any(raw in shown for raw in ("<i>", "{{", "怎么<", "e<1>"))


def test_nothing_found_is_said() -> None:
    nothing = Found(QUERY, (), 0.0, {}, {})
    assert "没有找到相关条目" in findings(nothing, RANKER, KNOWLEDGE)
    assert "没有符合筛选的条目" in findings(nothing, RANKER, KNOWLEDGE, Shown(filtered=True))
