"""The words and patterns of ``dialogue/cues.yaml``, read once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from kb.yaml_text import parse_yaml

# What a turn may end with beside its words.
ENDS = "?!。.~ "
_CUES = Path(__file__).with_name("cues.yaml")


@dataclass(frozen=True, slots=True)
class DialogueCues:
    """What steers a conversation; see the comments of ``dialogue/cues.yaml``."""

    tried: tuple[str, ...]
    not_tried: tuple[str, ...]
    undo: tuple[str, ...]
    correction: tuple[str, ...]
    misspoken: re.Pattern[str]
    returning: tuple[str, ...]
    pronouns: re.Pattern[str]
    openers: re.Pattern[str]
    comparing: re.Pattern[str]
    fillers: tuple[str, ...]
    ordinals: Mapping[int, tuple[str, ...]]


@lru_cache(maxsize=1)
def dialogue_cues() -> DialogueCues:
    """Read the table, once."""
    data = cast("dict[str, Any]", parse_yaml(_CUES.read_text(encoding="utf-8")))
    ordinals = {int(number): tuple(words) for number, words in data.pop("ordinals").items()}
    misspoken, pronouns, openers, comparing = (
        _any_of(data.pop(name)) for name in ("misspoken", "pronouns", "openers", "comparing")
    )
    words = {name: tuple(words) for name, words in data.items()}
    return DialogueCues(
        misspoken=misspoken, pronouns=pronouns, openers=openers, comparing=comparing, ordinals=ordinals, **words
    )


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)
