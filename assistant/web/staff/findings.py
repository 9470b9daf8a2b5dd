"""What a search found, as a table for staff: the same probabilities that the chat decides by, with their reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.web.acts import act, chip, copy_button, table
from assistant.web.files import asset
from assistant.web.markup import escape, highlighted
from assistant.web.preview import preview
from assistant.web.staff.variants import variants
from kb.features import NAMES
from kb.ranking import Ranker
from kb.readers.cells import KIND_NAMES
from kb.records import Hit
from kb.search import Found
from kb.snapshot import Knowledge

_SLOTS = frozenset({"product", "action", "role", "polarity"})
_KINDS = frozenset({"is_section", "is_boundary"})
_COLUMNS = ("条目", "概率", "依据", "匹配的问法", "答案")
_MOST_REASONS = 4
# Results that a digit key copies.
_KEYS = 9
# Below this part of the log-odds a feature explains nothing.
_LEAST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Shown:
    """How to show what was found.

    Attributes:
        question: as typed.
        marks: whether staff can say which entry is right.
        filtered: whether only a part of the knowledge was looked at.
    """

    question: str = ""
    marks: bool = False
    filtered: bool = False


def findings(found: Found, ranker: Ranker, knowledge: Knowledge, shown: Shown | None = None) -> str:
    """HTML of a search's result, all of it escaped.

    Args:
        found: what was found.
        ranker: which gave the probabilities.
        knowledge: of the same version.
        shown: see :class:`Shown`.

    """
    how = shown or Shown()
    head = f'<p class="zd-note">理解为：{escape(found.query.text)}</p>{_masses(found)}'
    if not found.hits:
        hint = "没有符合筛选的条目，请放宽筛选。" if how.filtered else "没有找到相关条目，请换个说法再搜。"
        return f"{head}<p>{hint}</p>{_none(how)}"
    rows = [_row(number, hit, found, ranker, knowledge, how) for number, hit in enumerate(found.hits, 1)]
    return head + table(_COLUMNS, rows, css="zd-found") + _none(how)


def reasons(hit: Hit, ranker: Ranker) -> list[str]:
    """Name the features that moved a hit's rank most, in Chinese words with + for and − against."""
    weights = dict(zip(NAMES, ranker.choice.weights.tolist(), strict=True))
    parts = {name: weights.get(name, 0.0) * value for name, value in hit.features.items() if name not in _KINDS}
    total = sum(abs(part) for part in parts.values())
    best = sorted(parts, key=lambda name: -abs(parts[name]))[:_MOST_REASONS]
    words = _words("features.json")
    telling = [name for name in best if total and abs(parts[name]) / total >= _LEAST_SHARE]
    return [_reason(name, parts[name], hit, words) for name in telling]


def _reason(name: str, part: float, hit: Hit, words: Mapping[str, str]) -> str:
    word = words.get(name, name)
    if name in _SLOTS:
        word += "一致" if hit.features[name] > 0 else "不一致"
    return f"{'+' if part > 0 else '−'} {word}"


def _masses(found: Found) -> str:
    words = _words("masses.json")
    masses = {"answerable": found.answerable, **found.boundaries}
    top = max(masses, key=lambda name: masses[name])
    items = (
        f'<li class="{"zd-top" if name == top else ""}">'
        f"{escape(words.get(name, name))} {mass:.0%}{_kind(found, name)}</li>"
        for name, mass in sorted(masses.items(), key=lambda item: -item[1])
    )
    return f'<ul class="zd-masses" aria-label="各种去向的概率">{"".join(items)}</ul>'


def _kind(found: Found, name: str) -> str:
    kind = found.kinds.get(name, "")
    return f"（{escape(kind)}）" if kind else ""


def _row(number: int, hit: Hit, found: Found, ranker: Ranker, knowledge: Knowledge, how: Shown) -> tuple[str, ...]:
    title, text = preview(hit.entry, knowledge)
    why = "<br>".join(escape(reason) for reason in reasons(hit, ranker)) or "—"
    bar = f'<span class="zd-bar" style="width:{max(2, round(hit.probability * 100))}%"></span>'
    words = found.query.words
    return (
        f"{highlighted(title, words)}<small>{escape(hit.entry)}</small>{_about(hit.entry, knowledge)}",
        f'<span class="zd-probability">{hit.probability:.1%}</span>{bar}',
        why,
        highlighted(hit.form, words),
        f'<div class="zd-summary">{highlighted(text, words)}</div>{_copies(number, hit.entry, text, knowledge)}'
        + act("source", "看原文", entry=hit.entry)
        + (act("right", "这条就对", entry=hit.entry, q=how.question) if how.marks else ""),
    )


def _about(name: str, knowledge: Knowledge) -> str:
    """Category, kind and when it was checked."""
    entry = knowledge.entry_by_id.get(name)
    if entry is None:
        return chip("文章")
    checked = f"核对于 {entry.checked_on}" if entry.checked_on else "没有核对日期"
    until = f"，有效期至 {entry.valid_until}" if entry.valid_until else ""
    kind = KIND_NAMES.get(entry.kind, entry.kind)
    return f"{chip(entry.category) if entry.category else ''}{chip(kind)}<small>{checked}{until}</small>"


def _copies(number: int, name: str, text: str, knowledge: Knowledge) -> str:
    entry = knowledge.entry_by_id.get(name)
    copies = variants(entry) if entry is not None else {"原文": text}
    key = str(number) if number <= _KEYS else ""
    return "".join(
        copy_button(f"复制{label}", copy, key=key if at == 0 else "") for at, (label, copy) in enumerate(copies.items())
    )


def _none(how: Shown) -> str:
    return act("none", "都不对，记为未答", key="0", q=how.question) if how.marks else ""


def _words(name: str) -> dict[str, str]:
    words: dict[str, str] = json.loads(asset(name))
    return words
