"""Where people are sent whom the knowledge cannot help: ``channels.yaml`` of a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kb.errors import CorpusError
from kb.yaml_text import parse_yaml


@dataclass(frozen=True, slots=True)
class Channels:
    """Lines that name the people to ask: ``default``, and others by category of the knowledge."""

    default: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, category: str) -> tuple[str, ...]:
        """The lines for a category; empty where the corpus names none."""
        return self.categories.get(category, self.default)


def load_channels(path: Path) -> Channels:
    """Read ``{default: [line], categories: {category: [line]}}``; no file, no channels.

    Raises:
        CorpusError: the file does not parse or has another shape.
    """
    if not path.exists():
        return Channels()
    try:
        return channels_from(parse_yaml(path.read_text(encoding="utf-8-sig")) or {})
    except (yaml.YAMLError, ValueError, TypeError) as error:  # ValueError: another encoding
        raise CorpusError(
            f"{path}: {error}",
            user_message=f"{path.name} 读不懂：{error}。应为 default: [一行一个] 和 categories: {{分类: [一行一个]}}。",
        ) from error


def channels_from(data: object) -> Channels:
    """Take channels from plain data.

    Raises:
        TypeError: the data has another shape.
    """
    if not isinstance(data, Mapping) or not isinstance(categories := data.get("categories") or {}, Mapping):
        raise TypeError("不是键值对")
    return Channels(
        default=_lines(data.get("default") or ()),
        categories={str(category): _lines(lines) for category, lines in categories.items()},
    )


def _lines(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError("渠道应为列表")
    return tuple(str(line) for line in value)
