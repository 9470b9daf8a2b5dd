"""Insights as HTML: rates, clusters, suggestions, usage, with an export of each. Everything shown is escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence

from assistant.evaluation.names import DECISION_NAMES
from assistant.history import Turn
from assistant.insights.clicks import Confirmed
from assistant.insights.clusters import Cluster
from assistant.insights.export import csv_text
from assistant.insights.rates import Day, Topic, Totals
from assistant.insights.usage import Disliked
from assistant.web.acts import act, chip, folded, lines, table, when
from assistant.web.charts import Series, bars, shares
from assistant.web.markup import block, escape
from kb.records import FaqEntry

_COLOURS: Mapping[str, str] = {
    "answer": "#0d9488", "clarify": "#2563eb", "suggest": "#7dd3fc", "refuse": "#94a3b8", "handoff": "#f59e0b",
    "privacy": "#8b5cf6", "smalltalk": "#cbd5e1", "crisis": "#dc2626",
}  # fmt: skip
_LIKED = "#ec4899"
_TOPIC_COLOURS = ("#0d9488", "#2563eb", "#f59e0b", "#8b5cf6", "#ec4899", "#84cc16", "#7dd3fc", "#94a3b8")
_BOUNDARIES: Mapping[str, str] = {
    "other_product": "别家产品", "missing_detail": "资料里没有的细节", "illegal": "违法", "injection": "想让助手破例", "gibberish": "乱码",
    "off_topic": "无关", "account": "查账户", "third_person": "查别人", "ambiguous": "说得不清", "human": "要人工", "insult": "骂人",
    "greeting": "问候", "thanks": "道谢", "bye": "告别", "praise": "夸奖", "ack": "应声", "self_harm": "求助", "whoami": "问是谁",
}  # fmt: skip
_MOST_FORMS = 30
_MOST_ROWS = 200


def overview(days: Sequence[Day], whole: Totals, topics: Sequence[Topic] = ()) -> str:
    """Totals, what was asked about, decisions and rates, by day."""
    if not whole.asked:
        return '<p class="zd-note">这段时间没有人提问。</p>'
    labels = [f"{item.day:%m-%d}" for item in days]
    decisions = [
        Series(DECISION_NAMES.get(name, name), colour, [float(item.decisions.get(name, 0)) for item in days])
        for name, colour in _COLOURS.items()
        if whole.decisions.get(name)
    ]
    rates = [
        Series(
            f"{DECISION_NAMES[name]}率", _COLOURS[name], [_share(item.decisions.get(name, 0), item) for item in days]
        )
        for name in ("answer", "clarify", "refuse", "handoff")
    ]
    rates.append(Series("好评率", _LIKED, [_liked(item) for item in days]))
    about = [
        Series(item.category or "其他", colour, [float(count) for count in item.counts])
        for item, colour in zip(topics, _TOPIC_COLOURS, strict=False)
    ]
    rows = [
        (str(item.day), item.asked, *(item.decisions.get(name, 0) for name in _COLOURS), item.liked, item.disliked)
        for item in days
    ]
    head = ("日期", "提问", *(DECISION_NAMES[name] for name in _COLOURS), "有帮助", "没帮助")
    return (
        _cards(whole)
        + bars("每天的提问与处置", labels, decisions)
        + shares("每天的比例", labels, rates)
        + (bars("每天问些什么（按回答所属的分类）", labels, about) if about else "")
        + export("导出每日数字", "daily", head, rows)
        + (
            export(
                "导出每日分类",
                "topics",
                ("日期", *(item.category or "其他" for item in topics)),
                [(str(item.day), *counts) for item, *counts in zip(days, *(t.counts for t in topics), strict=True)],
            )
            if topics
            else ""
        )
    )


def clusters_view(clusters: Sequence[Cluster], entries: Mapping[str, FaqEntry]) -> str:
    """Unanswered questions, each cluster with what to do about it."""
    if not clusters:
        return '<p class="zd-note">没有未答的问题。刚发布的答案已经把它们答上了。</p>'
    rows = [
        (item.questions[0].question, asked.question, asked.times, when(asked.last))
        for item in clusters
        for asked in item.questions
    ]
    cards = "".join(_cluster(item, entries) for item in clusters)
    return cards + export("导出未答问题", "unanswered", ("归类", "问题", "次数", "最近一次"), rows)


def confirmed_view(found: Sequence[Confirmed], entries: Mapping[str, FaqEntry]) -> str:
    """Alternates that people have confirmed."""
    rows = [
        (
            block(item.question),
            f"{escape(entries[item.entry].question)}<small>{escape(item.entry)}</small>",
            str(item.times),
            act("alternates", "采纳", entry=item.entry, questions=item.question, origin="click", css="zd-solid")
            + act("dismiss", "忽略", key=item.key),
        )
        for item in found[:_MOST_ROWS]
    ]
    listed = [(item.question, item.entry, item.times) for item in found]
    return table(
        ("客户的说法", "确认的条目", "次数", ""),
        rows,
        empty="还没有。客户点了追问的选项，或员工点了「这条就对」，就会出现在这里。",
    ) + (export("导出", "alternates", ("客户的说法", "条目", "次数"), listed) if found else "")


def usage_view(
    bad: Sequence[Disliked], unused: Sequence[FaqEntry], most: Sequence[tuple[str, int]], slow: Sequence[Turn],
    entries: Mapping[str, FaqEntry],
) -> str:  # fmt: skip
    """Entries with 👎, entries never used, the most used, slow replies."""
    disliked = [
        (
            _named(item.entry, entries),
            f"{item.disliked}",
            f"{item.liked}",
            lines([*item.questions[:5], *item.reasons[:3]]),
        )
        for item in bad[:_MOST_ROWS]
    ]
    idle = [(escape(entry.question), escape(entry.id), escape(entry.category)) for entry in unused[:_MOST_ROWS]]
    used = [(_named(name, entries), str(count)) for name, count in most]
    late = [(block(turn.question), f"{turn.latency_ms:.0f} 毫秒", when(turn.at)) for turn in slow]
    return (
        f"<h2>被点「没帮助」的条目（{len(bad)}）</h2>"
        + table(("条目", "没帮助", "有帮助", "没帮到的问题"), disliked)
        + export(
            "导出",
            "disliked",
            ("条目", "没帮助", "有帮助", "问题"),
            [(i.entry, i.disliked, i.liked, "；".join(i.questions)) for i in bad],
        )
        + f"<h2>这段时间没用过的条目（{len(unused)}）</h2>"
        + folded("展开", table(("标准问", "编号", "分类"), idle) + _more(len(unused)))
        + export(
            "导出",
            "unused",
            ("编号", "标准问", "分类"),
            [(entry.id, entry.question, entry.category) for entry in unused],
        )
        + "<h2>用得最多的条目</h2>"
        + table(("条目", "次数"), used)
        + export("导出", "used", ("条目", "次数"), most)
        + "<h2>最慢的回答</h2>"
        + table(("问题", "用时", "时间"), late)
        + export(
            "导出",
            "slow",
            ("问题", "毫秒", "时间"),
            [(turn.question, round(turn.latency_ms), when(turn.at)) for turn in slow],
        )
    )


def export(label: str, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Link to a CSV file that the page carries in itself."""
    data = base64.b64encode(csv_text(head, rows).encode("utf-8", "replace")).decode()
    return (
        f'<a class="zd-button zd-export" download="zhida-{escape(name)}.csv" href="data:text/csv;base64,{data}">'
        f"{escape(label)}（CSV）</a>"
    )


def _cluster(item: Cluster, entries: Mapping[str, FaqEntry]) -> str:
    first, *rest = item.questions
    forms = "\n".join(asked.question for asked in item.questions[:_MOST_FORMS])
    others = (
        folded(f"另外 {len(rest)} 种说法", lines([f"{asked.question}（{asked.times} 次）" for asked in rest]))
        if rest
        else ""
    )
    near = entries.get(item.nearest)
    adopt = (
        act("alternates", "加为它的相似问", entry=near.id, questions=forms, origin="cluster", css="zd-solid")
        if near
        else ""
    )
    hint = (
        f'<p class="zd-note">可能就是「{escape(near.question)}」（{item.probability:.0%}）</p>'
        if near
        else '<p class="zd-note">知识库里没有相近的条目。</p>'
    )
    outside = chip(f"像边界：{_BOUNDARIES.get(item.boundary, item.boundary)}", "warn") if item.boundary else ""
    return (
        f'<article class="zd-cluster"><h3>{escape(first.question)}</h3>'
        f"<p>{chip(f'问过 {item.times} 次')}{outside}<small>最近 {when(max(a.last for a in item.questions))}</small></p>"
        f"{hint}{others}<div>{adopt}{act('new', '新建条目', questions=forms, css='' if near or item.boundary else 'zd-solid')}"
        f"{act('dismiss', '忽略', key=item.key)}</div></article>"
    )


def _cards(whole: Totals) -> str:
    rated = whole.liked + whole.disliked
    cards = {
        "提问": f"{whole.asked:,}",
        "直接回答": _percent(whole.decisions.get("answer", 0), whole.asked),
        "追问或推荐": _percent(whole.decisions.get("clarify", 0) + whole.decisions.get("suggest", 0), whole.asked),
        "拒答": _percent(whole.decisions.get("refuse", 0), whole.asked),
        "转人工": _percent(whole.decisions.get("handoff", 0), whole.asked),
        "有帮助 / 没帮助": f"{whole.liked} / {whole.disliked}" + (f"（{whole.liked / rated:.0%}）" if rated else ""),
        "一半 / 95% 的回答快于": f"{whole.p50:.0f} / {whole.p95:.0f} 毫秒",
    }
    inner = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in cards.items())
    return f'<dl class="zd-cards">{inner}</dl>'


def _named(name: str, entries: Mapping[str, FaqEntry]) -> str:
    entry = entries.get(name)
    title = escape(entry.question if entry else name)
    return f"{title}<small>{escape(name)}</small>"


def _more(count: int) -> str:
    return f'<p class="zd-note">只显示前 {_MOST_ROWS} 条，导出里有全部。</p>' if count > _MOST_ROWS else ""


def _share(count: int, day: Day) -> float | None:
    return count / day.asked if day.asked else None


def _liked(day: Day) -> float | None:
    rated = day.liked + day.disliked
    return day.liked / rated if rated else None


def _percent(count: int, of: int) -> str:
    return f"{count / of:.0%}" if of else "—"
