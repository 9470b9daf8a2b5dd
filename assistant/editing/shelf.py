"""What the corpus files say now, read once for each change of them: quick to browse with ten thousand entries."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.editing.records import searchable
from kb.corpus import article_files, load_facts, read_article, read_boundaries, read_entries, source_files
from kb.lint import POLICY, Policy, load_policy
from kb.parsed import ParsedFiles
from kb.records import Boundary, Document, Fact, FaqEntry
from kb.text import exact_keys

Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A corpus folder as it lies on the disk; disabled entries are included.

    Attributes:
        entries: by id, in order of the files.
        articles: documents by file name.
        texts: whole text of each article's file, by file name.
        keys: id → exact keys of the entry's question forms.
        owners: exact key of a question form → ids of the entries that have it.
        boundaries, facts, policy: as in the corpus.
        searchable: id → everything of an entry that browsing looks through, lower case.
    """

    entries: Mapping[str, FaqEntry]
    articles: Mapping[str, Document]
    texts: Mapping[str, str]
    keys: Mapping[str, frozenset[str]]
    owners: Mapping[str, Sequence[str]]
    boundaries: Sequence[Boundary]
    facts: Sequence[Fact]
    searchable: Mapping[str, str]
    policy: Policy = Policy()

    @property
    def article_ids(self) -> frozenset[str]:
        """Ids of the articles."""
        return frozenset(document.id for document in self.articles.values())


class Shelf:
    """Reads a corpus folder again only when a file of it has changed; safe to share between threads."""

    def __init__(self, folder: Path, kept: ParsedFiles | None = None) -> None:
        self.folder = folder
        self._kept = kept
        self._lock = threading.Lock()
        self._seen: Signature | None = None
        self._published: Published | None = None

    def now(self) -> Published:
        """Give what the files say.

        Raises:
            CorpusError: a file does not parse.
        """
        with self._lock:
            seen = _signature(self.folder)
            if self._published is None or seen != self._seen:
                self._published = _read(self.folder, self._published, self._kept)
                self._seen = seen
            return self._published


def _signature(folder: Path) -> Signature:
    files = (*source_files(folder), *folder.glob(POLICY))
    stats = ((path.relative_to(folder).as_posix(), path.stat()) for path in files)
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _read(folder: Path, before: Published | None, kept: ParsedFiles | None) -> Published:
    entries = {entry.id: entry for entry in read_entries(folder, kept)}
    same = {name for name, entry in entries.items() if before and before.entries.get(name) == entry}
    keys = {
        name: before.keys[name] if before and name in same else frozenset(exact_keys(entry.forms))
        for name, entry in entries.items()
    }
    owners: dict[str, list[str]] = {}
    for name, own in keys.items():
        for key in own:
            owners.setdefault(key, []).append(name)
    files = article_files(folder)
    return Published(
        entries=entries,
        articles={path.name: read_article(path) for path in files},
        texts={path.name: path.read_text(encoding="utf-8-sig") for path in files},
        keys=keys,
        owners=owners,
        boundaries=read_boundaries(folder, kept),
        facts=load_facts(folder / "facts.md"),
        searchable={
            name: before.searchable[name] if before and name in same else searchable(entry)
            for name, entry in entries.items()
        },
        policy=load_policy(folder / POLICY),
    )
