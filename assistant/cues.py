"""The cue words of ``cues.yaml``, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from kb.yaml_text import parse_yaml

_CUES = Path(__file__).with_name("cues.yaml")


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
    hotlines: tuple[str, ...]


@lru_cache(maxsize=1)
def cues() -> Cues:
    """Read the table of cue words."""
    data = cast("dict[str, Any]", parse_yaml(_CUES.read_text(encoding="utf-8")))
    return Cues(**{key: tuple(words) for key, words in data.items()})


def hotlines() -> tuple[str, ...]:
    """Public telephone numbers."""
    return cues().hotlines
