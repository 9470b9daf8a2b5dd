"""A small desk whose search is a table: words in the question → what is found, so that dialogue can be tested exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from assistant.records import Answer, State
from assistant.reply import Assistant
from kb.choice import Choice
from kb.columnar.texts import Texts
from kb.features import NAMES
from kb.lexicon import Lexicon
from kb.query import Analyzer
from kb.ranking import Cutoffs, Ranker
from kb.records import Cause, Document, FaqEntry, Hit, Section, StructuredAnswer
from kb.romanised import Listener
from kb.search import Found, Searcher
from kb.snapshot import Knowledge
from kb.text import normalise
from kb.wording import Wording

LEXICON = Lexicon(
    words=("月付", "放心借", "白条", "额度"),
    slots={
        "product": {"抖音月付": ("月付",), "放心借": ("放心借",), "白条": ("白条",)},
        "action": {"开通": ("开通",), "关闭": ("关闭",), "还款日": ("几号还",), "付不了": ("付不了",)},
        "role": {"商家": ("商家",), "用户": ("买家",)},
    },
)


def _entry(name: str, question: str, answer: StructuredAnswer, *facts: str, kind: str = "definition") -> FaqEntry:
    return FaqEntry(name, question, answer, kind=kind, facts=facts)


_CAUSES = (
    *(Cause(f"原因{number}", f"做法{number}") for number in "一二三四"),
    Cause("原因五", "做法五", when=("换手机",)),
)
ENTRIES = (
    _entry(
        "open", "抖音月付怎么开通", StructuredAnswer("在钱包里开通。", steps=("打开钱包", "点月付")), "F1", kind="steps"
    ),
    _entry("shop", "商家怎么开通月付收款", StructuredAnswer("在抖店后台开通。"), "F2"),
    _entry("close", "抖音月付怎么关闭", StructuredAnswer("先还清再关闭。"), "F3"),
    _entry("day", "抖音月付几号还款", StructuredAnswer("以账单页为准。"), "F4"),
    _entry("loan-day", "放心借几号还款", StructuredAnswer("以借据为准。"), "F5"),
    _entry("fails", "月付为什么付不了", StructuredAnswer("有五种情况。", causes=_CAUSES), "F6", kind="cause"),
    _entry("fails-too", "月付额度不足怎么办", StructuredAnswer("换一种方式付。"), "F7"),
    _entry("open-again", "月付开通入口在哪里", StructuredAnswer("在钱包里。"), "F1"),
)
_TEXT = "满十八岁才能开通。"
DOCUMENT = Document("art", "开通条件", _TEXT)
SECTION = Section("art#1", "art", ("一、开通条件",), 0, len(_TEXT), ("F8",))
KNOWLEDGE = Knowledge(ENTRIES, (DOCUMENT,), (SECTION,), LEXICON)

Row = tuple[tuple[str, ...], dict[str, float], dict[str, tuple[str, float]]]
# All words of a row stand in the question → entries with probabilities, boundaries with kind and mass. First row wins.
TABLE: Sequence[Row] = (
    (("9",), {}, {"refuse": ("gibberish", 0.9)}),
    (("月付", "催了"), {"open": 0.1}, {"crisis": ("self_harm", 0.5)}),
    (("催了",), {"open": 0.1}, {"crisis": ("self_harm", 0.5)}),
    (("月付", "反过来"), {"open": 0.4, "close": 0.3}, {}),
    (("反过来",), {"open": 0.1}, {"crisis": ("self_harm", 0.5)}),
    (("退",), {"day": 0.99}, {}),
    (("不想活",), {"open": 0.1}, {"crisis": ("self_harm", 0.9)}),
    (("收货地址",), {}, {"privacy": ("third_person", 0.9)}),
    (("人工呢",), {}, {"handoff": ("human", 0.95)}),
    (("转人工",), {"open": 0.1}, {"handoff": ("human", 0.95)}),
    (("傻",), {}, {"handoff": ("insult", 0.9)}),
    (("你好",), {}, {"smalltalk": ("greeting", 0.9)}),
    (("查一下我",), {}, {"privacy": ("account", 0.97)}),
    (("月付", "我额度是够"), {"fails": 0.95}, {}),
    (("我额度是够",), {"fails": 0.1}, {"privacy": ("account", 0.8)}),
    (("月付", "转过去"), {"fails": 0.95}, {}),
    (("转过去",), {"open": 0.1}, {"crisis": ("self_harm", 0.3), "clarify": ("vague", 0.4)}),
    (("套现",), {"open": 0.2}, {"refuse": ("illegal", 0.9)}),
    (("年费",), {"open": 0.3, "close": 0.11, "day": 0.01}, {"handoff": ("missing_detail", 0.35)}),
    (("白条",), {"day": 0.2, "open": 0.1}, {"refuse": ("other_product", 0.8)}),
    (("放心借", "几号还"), {"loan-day": 0.9}, {}),
    (("月付", "几号还"), {"day": 0.9}, {}),
    (("月付", "关闭"), {"close": 0.9}, {}),
    (("放心借", "关闭"), {"close": 0.1}, {"handoff": ("missing_detail", 0.8)}),
    (("商家", "开通"), {"shop": 0.9, "open": 0.05}, {}),
    (("条件", "开通"), {"art#1": 0.9}, {}),
    (("月付", "开通"), {"open": 0.9, "open-again": 0.05}, {}),
    (("付不了",), {"fails": 0.8, "fails-too": 0.2, "open": 0.01}, {}),
    (("额度",), {"fails-too": 0.3, "fails": 0.3, "open-again": 0.2, "open": 0.2}, {}),
    (("月付",), {"open": 0.3, "open-again": 0.2, "close": 0.2, "art#1": 0.1}, {"clarify": ("vague", 0.2)}),
)


class TableSearcher:
    """Finds what the first fitting row of :data:`TABLE` says; nothing else is known. ``asked`` lists what was searched."""

    subject = "抖音月付"
    model = "none"

    def __init__(self) -> None:
        self.analyzer = Listener(Analyzer(LEXICON), Wording.build(Texts.of([]), np.zeros(0, dtype=np.int32), 0))
        self.ranker = Ranker(Choice(np.zeros(len(NAMES)), 0.0), cutoffs=Cutoffs(answerable=0.5, answer=0.5))
        self.asked: list[str] = []

    def search(self, question: str, k: int = 10) -> Found:
        self.asked.append(question)
        text = normalise(question)
        _, entries, outside = next((row for row in TABLE if all(word in text for word in row[0])), ((), {}, {}))
        facts = {entry.id: entry.facts for entry in ENTRIES} | {SECTION.id: SECTION.facts}
        hits = [Hit(name, chance, facts[name], name, {"cosine": chance}) for name, chance in entries.items()]
        mass = sum(entries.values())
        boundaries = {name: share for name, (_, share) in outside.items()}
        boundaries["none"] = max(1.0 - mass - sum(boundaries.values()), 0.0)
        kinds = {name: kind for name, (kind, _) in outside.items()}
        return Found(self.analyzer.analyse(question), tuple(hits[:k]), mass, boundaries, kinds)

    def search_anew(self, question: str, k: int = 10) -> Found:
        return self.search(question, k)


def as_searcher(table: TableSearcher) -> Searcher:
    return cast("Searcher", table)


def desk() -> Assistant:
    return Assistant(KNOWLEDGE, as_searcher(TableSearcher()))


def talk(assistant: Assistant, *turns: str, state: State | None = None) -> tuple[State, list[Answer]]:
    """Say the turns one after another."""
    answers = []
    for turn in turns:
        state, answer = assistant.reply(state, turn)
        answers.append(answer)
    assert state is not None
    return state, answers
