"""A visit as the messages of a chat window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.mask import mask
from assistant.web.markup import block, button, literal, tame
from assistant.web.ports import AssistantLike
from assistant.web.trim import trim
from assistant.web.visit import Shown, Visit

GREETING = (
    "您好，我是**知答**，只按核对过的知识库回答。请直接输入您的问题，说得越具体，答得越准。"
    "\n\n请不要输入身份证号、银行卡号、密码或验证码。"
)
PICTURE = "抱歉，我还看不了图片。请把截图里的提示文字打给我，例如「本订单暂不支持」，我就能帮您查。"


def messages(visit: Visit, assistant: AssistantLike | None, *, picture: bool = False) -> list[dict[str, Any]]:
    """Lay a visit out as chat messages, the greeting first.

    Args:
        visit: the conversation.
        assistant: None while none serves; then nothing is offered to press.
        picture: whether the visitor has just tried to send a picture.

    """
    laid_out = [_message("assistant", GREETING)]
    for position, turn in enumerate(visit.turns):
        laid_out.append(_message("user", literal(turn.question)))
        laid_out.append(_message("assistant", _reply(visit, position, assistant)))
    if picture:
        laid_out.append(_message("assistant", PICTURE))
    if assistant is not None:
        laid_out[-1]["options"] = _options(visit, assistant)
    return laid_out


def ratings(visit: Visit) -> list[str | None]:
    """Give what is marked under each reply, the greeting first."""
    marks: dict[int, str | None] = {1: "Like", -1: "Dislike", 0: None}
    return [None, *(marks[turn.rating] for turn in visit.turns)]


def turn_at(message: int) -> int:
    """Give the position of the turn that a message belongs to; -1 for the greeting."""
    return (message - 1) // 2


def handoff_summary(turns: Sequence[Shown]) -> str:
    """Write what a visitor can hand to a human agent, so as not to tell it all again; personal numbers are masked."""
    questions = [f"{number}. {mask(turn.question)}" for number, turn in enumerate(turns[-5:], 1)]
    return "\n".join(["【转人工摘要】", "我依次问过：", *questions, "以上问题知答未能解决，请人工协助。"])


def _message(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def _options(visit: Visit, assistant: AssistantLike) -> list[dict[str, str]]:
    if not visit.turns:
        return [{"value": text, "label": text} for text in assistant.examples[:6]]
    return [{"value": option.question, "label": option.label} for option in visit.turns[-1].options]


def _reply(visit: Visit, position: int, assistant: AssistantLike | None) -> str:
    turn = visit.turns[position]
    parts = trim(turn, _detail(turn, assistant))
    pieces = (
        tame(parts.text),
        _unfolding(parts.detail),
        _card(parts.summary or handoff_summary(visit.turns[: position + 1])) if turn.decision == "handoff" else "",
        _understood(turn, parts.text, position == len(visit.turns) - 1),
        _citations(turn, position),
    )
    return "\n\n".join(piece for piece in pieces if piece)


def _understood(turn: Shown, text: str, last: bool) -> str:
    """Say what was understood beyond the words, unless the reply does, and offer to take it back."""
    if not turn.understood_as:
        return ""
    said = "" if "理解" in text.partition("\n")[0] else f"按「{block(turn.understood_as)}」理解 "
    undo = button("undo", "不是这个意思，按原话再查", css="zd-link") if last else ""
    return f'<div class="zd-understood">{said}{undo}</div>' if said or undo else ""


def _detail(turn: Shown, assistant: AssistantLike | None) -> str:
    entry = assistant.knowledge.entry_by_id.get(turn.entry) if assistant is not None else None
    return entry.answer.detail if entry is not None else ""


def _unfolding(detail: str) -> str:
    if not detail:
        return ""
    return f'<details class="zd-more"><summary>详细说明</summary><div>{block(detail)}</div></details>'


def _card(summary: str) -> str:
    return (
        '<div class="zd-card"><strong>发给人工客服的摘要</strong>'
        "<div>复制给客服，就不用从头再说一遍。请从 App 内的官方入口联系，不要轻信陌生来电。</div>"
        f'<div class="zd-summary">{block(summary)}</div>{button("copy", "复制摘要", css="zd-solid")}</div>'
    )


def _citations(turn: Shown, position: int) -> str:
    if not turn.citations:
        return ""
    chips = "".join(
        button("cite", f"[{number}] {_label(cited.heading_path, cited.entry)}", position, number, css="zd-cite")
        for number, cited in enumerate(turn.citations, 1)
    )
    return f'<div class="zd-cites"><span>资料来源</span>{chips}</div>'


def _label(path: tuple[str, ...], entry: str) -> str:
    """Name the article and the innermost heading: the whole path does not fit a phone."""
    ends = dict.fromkeys((path[0], path[-1])) if path else [entry]
    return " › ".join(_short(part) for part in ends)


def _short(text: str) -> str:
    return text if len(text) <= 22 else f"{text[:21]}…"
