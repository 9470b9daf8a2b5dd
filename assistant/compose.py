"""A decision and stored knowledge turned into the words of a reply, in the question's script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from assistant.answer_view import AnswerView, view_of
from assistant.mask import mask
from assistant.records import Citation, Option
from assistant.renderer import Renderer
from kb.records import FaqEntry
from kb.text import is_traditional, traditional

__all__ = ["GIVEN", "render_answer", "render_decision", "render_part", "render_section", "script"]

_COMMENT = re.compile(r"[ \t]*<!--.*?-->[ \t]*\n?", re.DOTALL)
# Without its template a decision still says something true.
_PLAIN_DECISION = {
    "clarify": "想先确认一下，你问的是哪一种？",
    "suggest": "没有完全对得上的答案，请换个说法再问一次。",
    "privacy": "我看不到任何人的账户，请到 App 的「我 → 我的钱包 → 抖音月付」里自己查看。",
    "crisis": "你的安全最要紧。有危险请马上拨 120 或 110；想找人说说，可以拨 12356（心理援助）。",
    "smalltalk": "有问题请直接问我。",
    "handoff": "这件事请找官方客服处理。",
}
_PLAIN = "这个问题我没有查到可靠的资料，请换个说法，或到 App 里找客服。"
# What each template is given, by the beginning of its name, the first that fits; parts of templates are not in here.
_DECISION = {"options": tuple[Option, ...], "suggestions": tuple[str, ...], "summary": str, "channels": tuple[str, ...]}
GIVEN: Mapping[str, Mapping[str, object]] = {
    "answer-": {"view": AnswerView, "channels": tuple[str, ...]},
    "section.": {"title_path": tuple[str, ...], "text": str, "citations": tuple[Citation, ...]},
    "part.": {"question": str, "text": str},
    **{name: _DECISION for name in (*_PLAIN_DECISION, "refuse")},
}


def render_answer(
    entry: FaqEntry,
    citations: Sequence[Citation],
    question: str,
    *,
    about: str = "",
    understood_as: str = "",
    skip: int = 0,
    channels: Sequence[str] = (),
) -> str:
    """Render the answer of an entry as Markdown.

    Args:
        entry: what is answered from.
        citations: its sources, numbered in this order.
        question: what the user typed; its numbers are put into the entry's formula, its cues order the causes. On
            "试过了没用" pass what was typed when the entry was given, so that the order stays the same.
        about: the question as understood, with what it took from the turns before; its cues count as well.
        understood_as: the question as understood, if that is worth saying.
        skip: causes or steps offered before; only the others are shown (see :func:`offered_after`).
        channels: the people to ask where nothing is left to try.
    """
    view = view_of(entry, citations, question, about=about, understood_as=understood_as, skip=skip)
    return script(
        _renderer().render(f"answer-{entry.kind}.j2", entry.answer.text(), view=view, channels=_people(channels)),
        question,
    )


def render_section(title_path: Sequence[str], text: str, citations: Sequence[Citation]) -> str:
    """Render a section of an article as Markdown, under its last heading."""
    body = _COMMENT.sub("", text).strip()
    return _renderer().render("section.j2", body, title_path=tuple(title_path), text=body, citations=tuple(citations))


def render_decision(
    decision: str,
    kind: str,
    *,
    question: str = "",
    options: Sequence[Option] = (),
    suggestions: Sequence[str] = (),
    summary: str = "",
    channels: Sequence[str] = (),
) -> str:
    """Render the reply of any decision but answer as Markdown.

    Args:
        decision: clarify, suggest, refuse, handoff, smalltalk, privacy or crisis.
        kind: what it is about (``illegal``, ``human``, ``greeting`` …); an unknown one gets the general words.
        question: what the user asked.
        options: readings to choose from.
        suggestions: related questions.
        summary: what to tell a human, to be copied; for a missing detail it is the question where empty. Personal
            numbers are masked.
        channels: the people to ask, a line each.
    """
    if decision == "handoff" and kind == "missing_detail":
        summary = summary or (question and f"我想问：{question}")
    name = f"{decision}-{kind}.j2"
    name = name if _renderer().has(name) else f"{decision}.j2"
    text = _renderer().render(
        name,
        _PLAIN_DECISION.get(decision, _PLAIN),
        options=tuple(options),
        suggestions=tuple(suggestions),
        summary=mask(summary),
        channels=_people(channels),
    )
    return script(text, question)


def render_part(question: str, text: str, like: str) -> str:
    """Render what is said of one question among several; ``text`` is rendered, ``like`` gives the script."""
    return script(_renderer().render("part.j2", text, question=question, text=text), like)


def _people(channels: Sequence[str]) -> tuple[str, ...]:
    return tuple(channels) or ("这个产品的官方客服",)


def script(text: str, like: str) -> str:
    """Write the text in Traditional characters where ``like`` is written in them; unchanged otherwise."""
    return traditional(text) if is_traditional(like) else text


@lru_cache(maxsize=1)
def _renderer() -> Renderer:
    return Renderer()
