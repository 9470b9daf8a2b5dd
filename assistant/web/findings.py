"""What a search found, as a table for staff: the same probabilities that the chat decides by, with their reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from assistant.web.files import asset
from assistant.web.markup import block, button, escape
from kb.features import NAMES
from kb.ranking import Ranker
from kb.records import Hit
from kb.search import Found
from kb.snapshot import Knowledge

_SLOTS = frozenset({"product", "action", "role", "polarity"})
_KINDS = frozenset({"is_section", "is_boundary"})
_COLUMNS = ("条目", "概率", "依据", "匹配的问法", "答案")
_MOST_REASONS = 4
# Below this part of the log-odds a feature explains nothing.
_LEAST_SHARE = 0.05


def findings(found: Found, ranker: Ranker, knowledge: Knowledge) -> str:
    """HTML of a search's result, all of it escaped."""
    head = f'<p class="zd-note">理解为：{escape(found.query.text)}</p>{_masses(found)}'
    if not found.hits:
        return f"{head}<p>没有找到相关条目，请换个说法再搜。</p>"
    titles = "".join(f'<th scope="col">{title}</th>' for title in _COLUMNS)
    rows = "".join(_row(hit, ranker, knowledge) for hit in found.hits)
    return f'{head}<table class="zd-table"><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>'


def reasons(hit: Hit, ranker: Ranker) -> list[str]:
    """Name the features that moved a hit's rank most, in Chinese words with + for and − against."""
    weights = dict(zip(NAMES, ranker.choice.weights.tolist(), strict=True))
    parts = {name: weights.get(name, 0.0) * value for name, value in hit.features.items() if name not in _KINDS}
    total = sum(abs(part) for part in parts.values())
    best = sorted(parts, key=lambda name: -abs(parts[name]))[:_MOST_REASONS]
    words = _words("features.json")
    telling = [name for name in best if total and abs(parts[name]) / total >= _LEAST_SHARE]
    return [_reason(name, parts[name], hit, words) for name in telling]


def preview(entry: str, knowledge: Knowledge) -> tuple[str, str]:
    """Title and text of an entry or a section."""
    faq, section = knowledge.entry_by_id.get(entry), knowledge.section_by_id.get(entry)
    if faq is not None:
        return faq.question, "\n".join(_answer_lines(faq.answer.short, faq.answer.steps, faq.answer.detail))
    document = knowledge.document_by_id.get(section.document_id) if section is not None else None
    if section is None or document is None:
        return entry, ""
    return " › ".join(section.heading_path), document.text[section.start : section.end].strip()


def _answer_lines(short: str, steps: tuple[str, ...], detail: str) -> Iterator[str]:
    yield short
    yield from (f"{number}. {step}" for number, step in enumerate(steps, 1))
    if detail:
        yield detail


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


def _row(hit: Hit, ranker: Ranker, knowledge: Knowledge) -> str:
    title, text = preview(hit.entry, knowledge)
    why = "<br>".join(escape(reason) for reason in reasons(hit, ranker)) or "—"
    bar = f'<span class="zd-bar" style="width:{max(2, round(hit.probability * 100))}%"></span>'
    copy = button("copy", "复制答案")
    cells = (
        f"{escape(title)}<small>{escape(hit.entry)}</small>",
        f"{hit.probability:.1%}{bar}",
        why,
        escape(hit.form),
        f'<div class="zd-copyable"><div class="zd-summary">{block(text)}</div>{copy}</div>',
    )
    css = ("", "zd-probability", "", "", "")
    columns = zip(_COLUMNS, css, cells, strict=True)
    inner = "".join(f'<td data-title="{name}" class="{kind}">{cell}</td>' for name, kind, cell in columns)
    return f"<tr>{inner}</tr>"


def _words(name: str) -> dict[str, str]:
    words: dict[str, str] = json.loads(asset(name))
    return words
