"""The cue words of ``cues.yaml`` and the measures of ``measures.yaml``, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from kb.yaml_text import parse_yaml

_HERE = Path(__file__).resolve().parent

Roles = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Unit:
    """A word that measures the number before it: the value is ``number × each + plus``."""

    word: str
    kind: str
    each: Decimal
    plus: Decimal
    rounded: bool


@dataclass(frozen=True, slots=True)
class Measures:
    """How numbers are measured; see the comments of ``measures.yaml``."""

    units: Mapping[str, Unit]
    names: tuple[str, ...]
    vague_before: tuple[str, ...]
    vague_before_days: tuple[str, ...]
    vague_after: tuple[str, ...]
    money_before: tuple[str, ...]
    money_after: tuple[str, ...]
    not_money: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cues:
    """Words that steer how a message is read; see the comments of ``cues.yaml``."""

    asking: tuple[str, ...]
    requesting: tuple[str, ...]
    closed_asking: tuple[str, ...]
    why: tuple[str, ...]
    unable: tuple[str, ...]
    affirming: tuple[str, ...]
    reproach: tuple[str, ...]
    joints: tuple[str, ...]
    filler: tuple[str, ...]
    leaning: tuple[str, ...]
    negators: tuple[str, ...]
    roles: Mapping[str, Mapping[str, Roles]]
    repaid_in_full: tuple[str, ...]
    stages: Roles
    hotlines: tuple[str, ...]


@lru_cache(maxsize=1)
def measures() -> Measures:
    """Read the table of measures."""
    data = _load("measures.yaml")
    units = {unit.word: unit for row in data.pop("units") for unit in _units(row)}
    return Measures(units=units, **{key: tuple(words) for key, words in data.items()})


@lru_cache(maxsize=1)
def cues() -> Cues:
    """Read the table of cue words."""
    data = _load("cues.yaml")
    roles = {
        formula: {kind: _roles(table) for kind, table in kinds.items()} for formula, kinds in data.pop("roles").items()
    }
    stages = _roles(data.pop("stages"))
    return Cues(roles=roles, stages=stages, **{key: tuple(words) for key, words in data.items()})


def hotlines() -> tuple[str, ...]:
    """Public telephone numbers."""
    return cues().hotlines


def _units(row: Mapping[str, Any]) -> list[Unit]:
    words = row["words"]
    each, plus = (Decimal(str(row.get(key, default))) for key, default in (("each", 1), ("plus", 0)))
    rounded = bool(row.get("rounded", False))
    return [Unit(str(word), str(row["kind"]), each, plus, rounded) for word in words]


def _roles(table: Mapping[str, list[str]]) -> Roles:
    return {role: tuple(words) for role, words in table.items()}


def _load(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", parse_yaml((_HERE / name).read_text(encoding="utf-8")))
