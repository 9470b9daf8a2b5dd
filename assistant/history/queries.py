"""Statements of the history, over one connection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, exists, insert, select
from sqlalchemy.exc import IntegrityError

from assistant.history.records import Turn
from assistant.history.tables import conversations, feedback, turns

# Decisions after which the person has no answer from the knowledge base.
UNANSWERED = ("refuse", "handoff", "suggest")


def conversation_id(connection: Connection, visitor: str, conversation: str, at: float) -> int:
    """Give the row id of a conversation, made if it is new."""
    wanted = select(conversations.c.id).where(
        conversations.c.visitor == visitor, conversations.c.conversation == conversation
    )
    found = connection.scalar(wanted)
    if found is None:
        values = {"visitor": visitor, "conversation": conversation, "started_at": at}
        try:
            with connection.begin_nested():
                connection.execute(insert(conversations).values(values))
        except IntegrityError:
            pass  # another process has just made it
        found = connection.execute(wanted).scalar_one()
    return int(found)


def turn_rows(connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Turn]:
    """Give the turns that meet all conditions, newest first."""
    newest = _turns().where(*conditions).order_by(turns.c.at.desc(), turns.c.id.desc()).limit(limit)
    return [_turn(row) for row in connection.execute(newest)]


def owner_of(connection: Connection, turn_id: int) -> str | None:
    """Give the pseudonym of the visitor who asked a turn; None if there is no such turn."""
    owner = select(conversations.c.visitor).join(turns).where(turns.c.id == turn_id)
    return connection.scalar(owner)


def put_feedback(connection: Connection, turn_id: int, value: int, reason: str, at: float) -> None:
    """Set the one rating of a turn."""
    connection.execute(delete(feedback).where(feedback.c.turn_id == turn_id))
    connection.execute(insert(feedback).values(turn_id=turn_id, value=value, reason=reason, at=at))


def delete_visitor(connection: Connection, names: list[str]) -> int:
    """Delete everything of a visitor; return the number of turns."""
    mine = select(conversations.c.id).where(conversations.c.visitor.in_(names))
    count = connection.execute(delete(turns).where(turns.c.conversation_id.in_(mine))).rowcount
    connection.execute(delete(conversations).where(conversations.c.visitor.in_(names)))
    return count


def delete_before(connection: Connection, at: float) -> int:
    """Delete turns older than ``at`` and conversations left empty; return the number of turns."""
    count = connection.execute(delete(turns).where(turns.c.at < at)).rowcount
    rest = exists().where(turns.c.conversation_id == conversations.c.id)
    connection.execute(delete(conversations).where(conversations.c.started_at < at, ~rest))
    return count


def _turns() -> Select[Any]:
    return (
        select(turns, conversations.c.visitor, conversations.c.conversation, feedback.c.value, feedback.c.reason)
        .join(conversations, conversations.c.id == turns.c.conversation_id)
        .outerjoin(feedback, feedback.c.turn_id == turns.c.id)
    )


def _turn(row: Row[Any]) -> Turn:
    return Turn(
        id=row.id,
        visitor=row.visitor,
        conversation=row.conversation,
        question=row.question,
        decision=row.decision,
        entries=tuple(row.entries),
        probability=row.probability,
        latency_ms=row.latency_ms,
        version=row.version,
        at=row.at,
        rating=row.value,
        reason=row.reason or "",
    )
