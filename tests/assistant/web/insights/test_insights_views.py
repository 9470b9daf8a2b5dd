from __future__ import annotations

import base64
import re
from datetime import date

from assistant.history import Turn
from assistant.insights.clicks import Confirmed
from assistant.insights.clusters import Asked, Cluster
from assistant.insights.rates import Day, Topic, Totals
from assistant.insights.usage import Disliked
from assistant.web.insights.views import clusters_view, confirmed_view, overview, usage_view
from kb.records import FaqEntry, StructuredAnswer

NASTY = '=cmd|"<script>{{1}}</script>'
ENTRY = FaqEntry("open", NASTY, StructuredAnswer("答。"))
TURN = Turn(1, "p:v", "p:c", NASTY, "answer", ("open",), 0.9, 1_234.0, "", 1.0)


def files(made: str) -> list[str]:
    return [base64.b64decode(data).decode("utf-8") for data in re.findall(r"base64,([^\"]+)", made)]


def test_rates_have_numbers_and_a_file() -> None:
    day = Day(date(2026, 11, 26), {"answer": 3, "refuse": 1}, 2, 1)
    made = overview((day,), Totals(4, day.decisions, 2, 1, 6.0, 9.0))
    assert "75%" in made and "2 / 1（67%）" in made and "6 / 9 毫秒" in made
    assert files(made)[0].splitlines()[1].startswith("2026-11-26,4,3,0,0,1")
    about = overview((day,), Totals(4, day.decisions, 2, 1, 6.0, 9.0), (Topic(NASTY, (3,)), Topic("", (1,))))
    assert "其他" in about and "<script" not in about and "{{" not in about
    assert files(about)[1].splitlines()[1] == "2026-11-26,3,1"
    assert "好评率" in about and "67%" in about
    assert "没有人提问" in overview((), Totals(0, {}, 0, 0, 0.0, 0.0))


def test_a_cluster_says_what_to_do() -> None:
    near = Cluster((Asked("咋开", 2, 1.0), Asked(NASTY, 1, 2.0)), "open", 0.3, "")
    far = Cluster((Asked("天气", 1, 1.0),), "", 0.0, "off_topic")
    made = clusters_view((near, far), {"open": ENTRY})
    first, second = made.split("<article")[1:3]
    assert "问过 3 次" in first and 'data-do="alternates"' in first and 'data-entry="open"' in first
    assert "像边界：无关" in second and "alternates" not in second
    assert "'=cmd" in files(made)[0]
    assert "没有未答的问题" in clusters_view((), {})


def test_nothing_that_people_wrote_becomes_markup_or_a_formula() -> None:
    made = (
        clusters_view((Cluster((Asked(NASTY, 1, 1.0),), "open", 0.5, NASTY),), {"open": ENTRY})
        + confirmed_view((Confirmed(NASTY, "open", 2),), {"open": ENTRY})
        + usage_view(
            (Disliked("open", 1, 0, (NASTY,), (NASTY,)),),
            (ENTRY,),
            (("open", 3), ("gone", 1)),
            (TURN,),
            {"open": ENTRY},
        )
    )
    assert "<script" not in made and "{{" not in made
    assert not any(re.search(r"(?m)(^|,)\"?=", text) for text in files(made))
    assert "1234 毫秒" in made
