"""Records as JSON and back, for files that this program alone writes and whose digest is known: nothing is validated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from kb.records import Boundary, Cause, Document, FaqEntry, Formula, Section, StructuredAnswer


def json_of(value: object) -> str:
    """Write plain data that holds records, sets and dates."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def entry_of(row: Mapping[str, Any]) -> FaqEntry:
    """Read an entry; errors are those of the shape: KeyError, TypeError, ValueError."""
    lists = {key: tuple(row[key]) for key in ("alternates", "negatives", "facts")}
    days = {key: _day(row[key]) for key in ("checked_on", "valid_until")}
    return FaqEntry(**{**row, **lists, **days, "answer": _answer(row["answer"])})


def boundary_of(row: Mapping[str, Any]) -> Boundary:
    """Read a boundary; errors as for an entry."""
    return Boundary(**{**row, "exemplars": tuple(row["exemplars"])})


def document_of(row: Mapping[str, Any]) -> Document:
    """Read a document; errors as for an entry."""
    return Document(**{**row, "checked_on": _day(row["checked_on"])})


def section_of(row: Mapping[str, Any]) -> Section:
    """Read a section; errors as for an entry."""
    return Section(**{**row, "heading_path": tuple(row["heading_path"]), "facts": tuple(row["facts"])})


def _plain(value: object) -> object:
    """One level of what JSON does not know; unlike ``asdict``, nothing is copied."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    raise TypeError(f"no plain form of {type(value).__name__}")


def _answer(row: Mapping[str, Any]) -> StructuredAnswer:
    causes = tuple(Cause(**{**cause, "when": tuple(cause["when"])}) for cause in row["causes"])
    formula = Formula(**row["formula"]) if row["formula"] else None
    return StructuredAnswer(**{**row, "steps": tuple(row["steps"]), "causes": causes, "formula": formula})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
