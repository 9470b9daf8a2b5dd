"""Chinese names of figures, decisions and parts for the people who read reports."""

from __future__ import annotations

from collections.abc import Mapping

PART_NAMES: Mapping[str, str] = {
    "all": "全部",
    "answerable": "可回答",
    "unanswerable": "不该回答",
    "dialogues": "多轮对话",
}

DECISION_NAMES: Mapping[str, str] = {
    "answer": "回答",
    "clarify": "追问",
    "suggest": "推荐相近问题",
    "refuse": "拒答",
    "handoff": "转人工",
    "smalltalk": "寒暄",
    "privacy": "隐私保护",
    "crisis": "危机关怀",
}

_FIGURE_NAMES: Mapping[str, str] = {
    "n": "数量",
    "hit@1": "首位命中 hit@1",
    "hit@3": "前三命中 hit@3",
    "hit@10": "前十命中 hit@10",
    "mrr@10": "平均倒数排名 MRR@10",
    "answered_correct": "答对",
    "answered_wrong": "答错",
    "clarified": "追问",
    "suggested": "推荐相近问题",
    "refused": "没有作答",
    "clarify_recall": "该追问时追问",
    "clarify_needless": "多余的追问",
    "expect_met": "处理方式正确",
    "turns": "轮数",
    "turns_correct": "每轮正确",
    "dialogues_correct": "整段正确",
    "auroc": "区分能力 AUROC",
    "ece": "校准误差 ECE",
    "latency_ms": "用时（毫秒）",
}


def figure_name(dotted: str) -> str:
    """Chinese name of a figure of the JSON report, such as ``answerable.hit@1``; unknown parts stay as they are."""
    parts = [PART_NAMES.get(part) or _FIGURE_NAMES.get(part, part) for part in dotted.split(".")]
    return "：".join(parts)
