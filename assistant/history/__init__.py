"""Conversation history in SQL: masked, pseudonymous, with a retention time. The only place that imports SQLAlchemy."""

from __future__ import annotations

from assistant.history.database import sqlite_url
from assistant.history.errors import HistoryError
from assistant.history.history import History
from assistant.history.records import Turn

# The default database, in the folder of the store.
FILE = "history.sqlite"

__all__ = ["FILE", "History", "HistoryError", "Turn", "sqlite_url"]
