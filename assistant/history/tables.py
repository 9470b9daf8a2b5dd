"""The newest schema. A change here needs a step in ``migrations`` that lifts the schema before it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# One row: the number of the schema that the database has.
schema = Table("zhida_schema", metadata, Column("number", Integer, primary_key=True, autoincrement=False))

conversations = Table(
    "conversations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("visitor", String(40), nullable=False),
    Column("conversation", String(40), nullable=False),
    Column("started_at", Double, nullable=False),
    UniqueConstraint("visitor", "conversation"),
    sqlite_autoincrement=True,
)

turns = Table(
    "turns",
    metadata,
    # Never reuse the id of an erased turn: a late rating must not land on another person's question.
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Double, nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("decision", String(16), nullable=False, index=True),
    Column("entries", JSON, nullable=False),
    Column("probability", Double, nullable=False),
    Column("latency_ms", Double, nullable=False),
    Column("version", String(64), nullable=False),
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback",
    metadata,
    Column("turn_id", ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("value", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Double, nullable=False),
)
