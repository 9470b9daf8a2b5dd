"""The knowledge itself, kept beside the index that finds it, so that an answer always matches the version searched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kb.channels import Channels, channels_from
from kb.corpus import Corpus
from kb.errors import StoreError
from kb.lexicon import Lexicon
from kb.plain import document_of, entry_of, json_of, section_of
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
    (folder / _FILE).write_text(json_of(data), encoding="utf-8")


def load_knowledge(folder: Path) -> Knowledge:
    """Read what :func:`save_knowledge` wrote.

    Raises:
        StoreError: the file is missing or damaged.
    """
    try:
        data = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return Knowledge(
            entries=tuple(map(entry_of, data["entries"])),
            documents=tuple(map(document_of, data["documents"])),
            sections=tuple(map(section_of, data["sections"])),
            lexicon=_lexicon(data["lexicon"]),
            channels=channels_from(data["channels"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"cannot read {folder / _FILE}: {error}", user_message="知识快照损坏或缺失，请运行 zhida build 重建。"
        ) from error


def _lexicon(row: dict[str, Any]) -> Lexicon:
    return Lexicon(
        words=tuple(row["words"]),
        stop_words=frozenset(row["stop_words"]),
        aliases=row["aliases"],
        typos=row["typos"],
        synonyms=row["synonyms"],
        slots={slot: {value: tuple(cues) for value, cues in values.items()} for slot, values in row["slots"].items()},
    )
