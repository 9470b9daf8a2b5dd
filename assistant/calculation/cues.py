"""How numbers are measured and what they are to a formula: the YAML files beside this, read once."""

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
class FormulaCues:
    """What a number is to a formula; see the comments of ``calculation/cues.yaml``. Roles go by formula and kind of mention."""

    roles: Mapping[str, Mapping[str, Roles]]
    repaid_in_full: tuple[str, ...]
    stages: Roles


@lru_cache(maxsize=1)
def measures() -> Measures:
    """Read the table of measures."""
    data = _load("measures.yaml")
    units = {unit.word: unit for row in data.pop("units") for unit in _units(row)}
    return Measures(units=units, **{key: tuple(words) for key, words in data.items()})


@lru_cache(maxsize=1)
def formula_cues() -> FormulaCues:
    """Read the table of cue words."""
    data = _load("cues.yaml")
    roles = {
        formula: {kind: _roles(table) for kind, table in kinds.items()} for formula, kinds in data["roles"].items()
    }
    return FormulaCues(roles=roles, repaid_in_full=tuple(data["repaid_in_full"]), stages=_roles(data["stages"]))


def _units(row: Mapping[str, Any]) -> list[Unit]:
    words = row["words"]
    each, plus = (Decimal(str(row.get(key, default))) for key, default in (("each", 1), ("plus", 0)))
    rounded = bool(row.get("rounded", False))
    return [Unit(str(word), str(row["kind"]), each, plus, rounded) for word in words]


def _roles(table: Mapping[str, list[str]]) -> Roles:
    return {role: tuple(words) for role, words in table.items()}


def _load(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", parse_yaml((_HERE / name).read_text(encoding="utf-8")))
