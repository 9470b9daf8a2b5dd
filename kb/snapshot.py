"""The knowledge itself, kept beside the index that finds it, so that an answer always matches the version searched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from kb.channels import Channels, channels_from
from kb.corpus import Corpus
from kb.errors import StoreError
from kb.faq import entry_from
from kb.lexicon import Lexicon
from kb.records import Document, FaqEntry, Section

_FILE = "knowledge.json"


@dataclass(frozen=True)
class Knowledge:
    """What a version of the store can answer with; without slots, because its look-ups are cached."""

    entries: tuple[FaqEntry, ...]
    documents: tuple[Document, ...]
    sections: tuple[Section, ...]
    lexicon: Lexicon
    channels: Channels = Channels()

    @cached_property
    def entry_by_id(self) -> Mapping[str, FaqEntry]:
        """FAQ entries by id."""
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def document_by_id(self) -> Mapping[str, Document]:
        """Articles by id."""
        return {document.id: document for document in self.documents}

    @cached_property
    def section_by_id(self) -> Mapping[str, Section]:
        """Sections by ``article#n``."""
        return {section.id: section for section in self.sections}


def knowledge_of(corpus: Corpus) -> Knowledge:
    """Take what answering needs from a corpus."""
    return Knowledge(corpus.active, corpus.documents, corpus.sections, corpus.lexicon, corpus.channels)


def save_knowledge(knowledge: Knowledge, folder: Path) -> None:
    """Write ``knowledge.json`` into a version's folder."""
    data = {
        "entries": knowledge.entries,
        "documents": knowledge.documents,
        "sections": knowledge.sections,
        "lexicon": knowledge.lexicon,
        "channels": knowledge.channels,
    }
    (folder / _FILE).write_text(json.dumps(data, ensure_ascii=False, default=_plain), encoding="utf-8")


def load_knowledge(folder: Path) -> Knowledge:
    """Read what :func:`save_knowledge` wrote.

    Raises:
        StoreError: the file is missing or damaged.
    """
    try:
        data = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return Knowledge(
            entries=tuple(entry_from(_present(row), _FILE) for row in data["entries"]),
            documents=tuple(_document(row) for row in data["documents"]),
            sections=tuple(_section(row) for row in data["sections"]),
            lexicon=_lexicon(data["lexicon"]),
            channels=channels_from(data["channels"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"cannot read {folder / _FILE}: {error}", user_message="知识快照损坏或缺失，请运行 zhida build 重建。"
        ) from error


def _plain(value: object) -> object:
    """One level of what JSON does not know; unlike ``asdict``, nothing is copied."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    raise TypeError(f"no plain form of {type(value).__name__}")


def _present(row: dict[str, Any]) -> dict[str, Any]:
    """Drop the parts of an answer that are empty, which a corpus file would not name."""
    answer = {key: value for key, value in row["answer"].items() if value}
    return {**row, "answer": answer if answer.get("short") else ""}


def _document(row: dict[str, Any]) -> Document:
    checked = row.get("checked_on")
    return Document(**{**row, "checked_on": date.fromisoformat(checked) if checked else None})


def _section(row: dict[str, Any]) -> Section:
    return Section(**{**row, "heading_path": tuple(row["heading_path"]), "facts": tuple(row["facts"])})


def _lexicon(row: dict[str, Any]) -> Lexicon:
    return Lexicon(
        words=tuple(row["words"]),
        stop_words=frozenset(row["stop_words"]),
        aliases=row["aliases"],
        typos=row["typos"],
        synonyms=row["synonyms"],
        slots={slot: {value: tuple(cues) for value, cues in values.items()} for slot, values in row["slots"].items()},
    )
