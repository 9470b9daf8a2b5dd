"""The corpus' own words: jieba user words, stop words, aliases, known misspellings, slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kb.errors import CorpusError
from kb.text import normalise
from kb.yaml_text import parse_yaml


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Data of ``corpus/lexicon/``; every part may be empty.

    Attributes:
        words: user words for the word segmenter.
        stop_words: words without content.
        aliases: other name → standard name (dou分期 → 抖音月付).
        typos: misspelling → right spelling (征心 → 征信).
        synonyms: word → group name; two words of a group mean the same to the lexical index.
        slots: slot (product, action, role, polarity, channel) → value → cues.
    """

    words: tuple[str, ...] = ()
    stop_words: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    typos: Mapping[str, str] = field(default_factory=dict)
    synonyms: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


def load_lexicon(folder: Path) -> Lexicon:
    """Read ``words.txt``, ``stopwords.txt``, ``aliases.yaml``, ``typos.yaml``, ``synonyms.yaml``, ``slots.yaml``.

    Raises:
        CorpusError: a file does not parse or has another shape.
    """
    synonyms = _groups(folder / "synonyms.yaml")
    return Lexicon(
        words=tuple(_lines(folder / "words.txt")),
        stop_words=frozenset(_lines(folder / "stopwords.txt")),
        aliases=_inverted(folder / "aliases.yaml"),
        typos=_inverted(folder / "typos.yaml"),
        synonyms={word: group[0] for group in synonyms for word in group},
        slots=_slots(folder / "slots.yaml"),
    )


def _lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path}: {error}", user_message=f"词表 {path.name} 不是 UTF-8 文本，请转存为 UTF-8。"
        ) from error
    lines = (normalise(line.partition("#")[0]) for line in text.splitlines())
    return [line for line in lines if line]


def _yaml(path: Path) -> object:
    if not path.exists():
        return None
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: another encoding, or a date that does not exist
        raise CorpusError(
            f"{path}: {error}", user_message=f"词表 {path.name} 读不懂：{error}。请检查缩进和引号。"
        ) from error


def _inverted(path: Path) -> dict[str, str]:
    """``{standard: [other, …]}`` as ``{other: standard}``, longest first so that longer names win."""
    data = _mapping_of_lists(path)
    pairs = {normalise(other): normalise(standard) for standard, others in data.items() for other in others}
    pairs.pop("", None)  # it would stand between any two characters
    return dict(sorted(pairs.items(), key=lambda pair: (-len(pair[0]), pair[0])))


def _groups(path: Path) -> list[list[str]]:
    data = _yaml(path) or []
    if not isinstance(data, list) or not all(isinstance(group, list) and group for group in data):
        raise _shape(path, "一个由词组成的列表的列表")
    return [[normalise(str(word)) for word in group] for group in data]


def _slots(path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    data = _yaml(path) or {}
    if not isinstance(data, dict) or not all(isinstance(values, dict) for values in data.values()):
        raise _shape(path, "槽位 → 取值 → 提示词列表")
    if not all(isinstance(cues, list | None) for values in data.values() for cues in values.values()):
        raise _shape(path, "槽位 → 取值 → 提示词列表")
    return {
        str(slot): {str(value): tuple(normalise(str(cue)) for cue in cues or ()) for value, cues in values.items()}
        for slot, values in data.items()
    }


def _mapping_of_lists(path: Path) -> dict[str, list[str]]:
    data = _yaml(path) or {}
    if not isinstance(data, dict) or not all(isinstance(others, list) for others in data.values()):
        raise _shape(path, "标准词 → 列表")
    return {str(standard): [str(other) for other in others] for standard, others in data.items()}


def _shape(path: Path, wanted: str) -> CorpusError:
    return CorpusError(f"{path}: unexpected shape", user_message=f"词表 {path.name} 的结构不对，应为：{wanted}。")
