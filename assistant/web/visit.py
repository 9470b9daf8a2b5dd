"""One visitor's conversation, kept in the visitor's own browser and nowhere else.

It comes back from the browser with every request, so it is checked like any input: what does not fit starts afresh.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from assistant.dialogue.state_codec import LONGEST as LONGEST_STATE
from assistant.records import Answer, Citation, Option

VERSION = 1
LONGEST_QUESTION = 1000
_MOST_TURNS = 30
# Thirty turns of it come back from the browser in one request; see :data:`assistant.web.body_limit.LONGEST_EVENT`.
_LONGEST_TEXT = 20_000
_CUT = "…\n\n（内容太长，这里只显示开头，其余请看资料来源。）"
_DECISIONS = frozenset({"answer", "clarify", "suggest", "refuse", "handoff", "smalltalk", "privacy", "crisis"})

Rating = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Shown:
    """One turn as it is shown: the question, and of the answer what the page needs.

    ``id`` is the history's number of the turn, 0 if it was not recorded.
    """

    question: str
    text: str
    decision: str = "answer"
    entry: str = ""
    citations: tuple[Citation, ...] = ()
    understood_as: str = ""
    options: tuple[Option, ...] = ()
    id: int = 0
    rating: Rating = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """A conversation: ``state`` and ``before`` are encoded states after and before the last turn."""

    visitor: str
    conversation: str
    state: str = ""
    before: str = ""
    turns: tuple[Shown, ...] = field(default=())

    def to_json(self) -> dict[str, object]:
        """Plain data for the browser."""
        return {"v": VERSION, **asdict(self)}

    def with_turn(self, turn: Shown, state: str) -> Visit:
        """Add a turn; the oldest leave."""
        return replace(self, state=state, before=self.state, turns=(*self.turns, turn)[-_MOST_TURNS:])

    def without_last(self) -> Visit:
        """Take the last turn back."""
        return replace(self, state=self.before, before="", turns=self.turns[:-1])

    def rated(self, position: int, rating: Rating) -> Visit:
        """Mark a turn as helpful or not."""
        turns = [replace(turn, rating=rating) if at == position else turn for at, turn in enumerate(self.turns)]
        return replace(self, turns=tuple(turns))

    def citation(self, position: object, number: object) -> tuple[int, Citation | None]:
        """Give the citation of a turn by its number from 1 on, as a button names it; None if there is none."""
        try:
            at, count = int(str(position)), int(str(number))
        except ValueError:
            return 0, None
        cited = self.turns[at].citations if 0 <= at < len(self.turns) else ()
        return count, cited[count - 1] if 0 < count <= len(cited) else None

    def cleared(self) -> Visit:
        """Start a new conversation of the same visitor."""
        return Visit(self.visitor, _token())


def new_visit() -> Visit:
    """Greet somebody who was never here; both ids cannot be guessed."""
    return Visit(_token(), _token())


def shown(question: str, answer: Answer, turn_id: int) -> Shown:
    """Keep of an answer what the page shows, of a very long one its beginning."""
    return Shown(
        question=question,
        text=_cut(answer.text),
        decision=answer.decision,
        entry=answer.entries[0] if answer.entries else "",
        citations=answer.citations,
        understood_as=answer.understood_as,
        options=answer.options or tuple(Option(text, text) for text in answer.followups),
        id=turn_id,
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - len(_CUT)]}{_CUT}"


def visit_from(data: object) -> Visit:
    """Read what :meth:`Visit.to_json` wrote; a new visit if it is anything else."""
    if not isinstance(data, Mapping) or data.get("v") != VERSION:
        return new_visit()
    try:
        turns = tuple(_shown(row) for row in _list(data["turns"])[-_MOST_TURNS:])
        state, before = (_text(data[name], LONGEST_STATE) for name in ("state", "before"))
        return Visit(_id(data["visitor"]), _id(data["conversation"]), state, before, turns)
    except (KeyError, ValueError):
        return new_visit()


def _shown(row: object) -> Shown:
    data = _mapping(row)
    decision, number, rating = data["decision"], data["id"], data["rating"]
    if decision not in _DECISIONS or type(number) is not int or type(rating) is not int or rating not in (-1, 0, 1):
        raise ValueError("not a turn")
    return Shown(
        question=_text(data["question"]),
        text=_text(data["text"]),
        decision=str(decision),
        entry=_text(data["entry"]),
        citations=tuple(_citation(item) for item in _list(data["citations"])),
        understood_as=_text(data["understood_as"]),
        options=tuple(_option(item) for item in _list(data["options"])),
        id=number,
        rating=1 if rating == 1 else -1 if rating == -1 else 0,
    )


def _citation(row: object) -> Citation:
    data = _mapping(row)
    start, end = data["start"], data["end"]
    if type(start) is not int or type(end) is not int or not 0 <= start <= end:
        raise ValueError("not a span")
    path = tuple(_text(part) for part in _list(data["heading_path"]))
    return Citation(_text(data["entry"]), path, start, end, _text(data["quote"]))


def _option(row: object) -> Option:
    data = _mapping(row)
    return Option(_text(data["label"]), _text(data["question"]))


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError("not a mapping")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, (list, tuple)) or len(value) > 100:
        raise ValueError("not a list")
    return list(value)


def _text(value: object, longest: int = _LONGEST_TEXT) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError("not a text")
    return value


def _id(value: object) -> str:
    text = _text(value)
    if not 16 <= len(text) <= 64:
        raise ValueError("not an id")
    return text


def _token() -> str:
    return secrets.token_urlsafe(18)
