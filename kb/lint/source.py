"""Everything the rules look at, read leniently: what does not parse becomes a finding instead of an end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from kb.chunking import split
from kb.corpus import article_files, load_facts, read_article
from kb.errors import CorpusError
from kb.faq import MAX_FACTS, boundary_from, entry_from
from kb.lexicon import load_lexicon
from kb.lint.findings import Finding, Place, finding
from kb.lint.rows import Row, read_rows, read_text
from kb.records import Boundary, Document, Fact, FaqEntry, Section

_FACT_LINE = re.compile(r"\|\s*F\d+\s*\|")
T = TypeVar("T", FaqEntry, Boundary)


@dataclass(frozen=True, slots=True)
class Lined(Generic[T]):
    """A record together with the row it was read from."""

    record: T
    row: Row


@dataclass(frozen=True, slots=True)
class Article:
    """An article with its sections; ``skipped`` is the number of lines of its front matter."""

    document: Document
    sections: tuple[Section, ...]
    file: str
    skipped: int

    def at(self, offset: int = 0) -> Place:
        """Find the place of a character of ``document.text``."""
        return Place(self.file, self.skipped + self.document.text.count("\n", 0, offset) + 1)


@dataclass(frozen=True, slots=True)
class Source:
    """A corpus as the rules see it; ``faults`` is what was found while reading. Disabled entries are included."""

    entries: tuple[Lined[FaqEntry], ...]
    boundaries: tuple[Lined[Boundary], ...]
    articles: tuple[Article, ...]
    facts: tuple[tuple[Fact, Place], ...]
    faults: tuple[Finding, ...]

    @property
    def active(self) -> tuple[Lined[FaqEntry], ...]:
        """The entries that may be answered."""
        return tuple(lined for lined in self.entries if lined.record.enabled)

    @property
    def fact_by_id(self) -> Mapping[str, Fact]:
        """The fact sheet by id; empty where the corpus has none."""
        return {fact.id: fact for fact, _ in self.facts}


def read_source(folder: Path) -> Source:
    """Read a corpus folder and collect the faults of its files."""
    faults: list[Finding] = []
    faq = [*sorted((folder / "faq").glob("*.yaml")), *sorted((folder / "faq").glob("*.jsonl"))]
    return Source(
        entries=tuple(_records(faq, folder, entry_from, faults)),
        boundaries=tuple(_records(sorted((folder / "boundaries").glob("*.yaml")), folder, boundary_from, faults)),
        articles=tuple(_articles(folder, faults)),
        facts=tuple(_facts(folder, faults)),
        faults=(*faults, *_lexicon_faults(folder)),
    )


def _records(
    paths: list[Path], folder: Path, build: Callable[[object, str], T], faults: list[Finding]
) -> Iterator[Lined[T]]:
    for path in paths:
        try:
            rows = read_rows(path, folder)
        except CorpusError as error:
            faults.append(_unreadable(path.relative_to(folder).as_posix(), error))
            continue
        for row in rows:
            faults.extend(_row_faults(row))
            try:
                yield Lined(build(_fewer_facts(row.data), str(row.place)), row)
            except CorpusError as error:
                if not _lacks_id(row.data):
                    faults.append(finding("unreadable-entry", row.place, error.user_message))


def _row_faults(row: Row) -> Iterator[Finding]:
    for key in row.twice:
        yield finding("duplicate-key", row.at(key), f"字段「{key}」写了两次，只有最后一次算数，请合并")
    if _lacks_id(row.data):
        yield finding("missing-id", row.place, "没有编号（id），请补上一个没用过的")
    count = len(_cited(row.data))
    if count > MAX_FACTS:
        yield finding("too-many-facts", row.at("facts"), f"依据有 {count} 条，最多 {MAX_FACTS} 条：只留答案说到的")


def _lacks_id(data: object) -> bool:
    return isinstance(data, Mapping) and not str(data.get("id") or "").strip()


def _cited(data: object) -> list[object]:
    facts = data.get("facts") if isinstance(data, Mapping) else None
    return list(dict.fromkeys(map(str, facts))) if isinstance(facts, list) else []


def _fewer_facts(data: object) -> object:
    """Cut an overlong list of facts, which has its own finding, so that the other rules still see the entry."""
    if not isinstance(data, Mapping) or len(_cited(data)) <= MAX_FACTS:
        return data
    return {**data, "facts": _cited(data)[:MAX_FACTS]}


def _articles(folder: Path, faults: list[Finding]) -> Iterator[Article]:
    for path in article_files(folder):
        file = path.relative_to(folder).as_posix()
        try:
            raw = read_text(path)
            document = replace(read_article(path), source=file)
        except CorpusError as error:
            faults.append(_unreadable(file, error))
            continue
        yield article_of(document, raw, file)


def article_of(document: Document, raw: str, file: str) -> Article:
    """Cut a document that was read from the text ``raw`` of a file."""
    return Article(document, split(document)[0], file, raw.count("\n", 0, len(raw) - len(document.text)))


def _facts(folder: Path, faults: list[Finding]) -> Iterator[tuple[Fact, Place]]:
    path = folder / "facts.md"
    if not path.exists():
        return
    try:
        lines = read_text(path).splitlines()
    except CorpusError as error:
        faults.append(_unreadable(path.name, error))
        return
    places = [Place(path.name, number) for number, line in enumerate(lines, 1) if _FACT_LINE.match(line)]
    broken = [place for place in places if not lines[place.line - 1].rstrip().endswith("|")]
    faults.extend(finding("unreadable-entry", place, "这一行事实的末尾缺少 |，不会被读到") for place in broken)
    yield from zip(load_facts(path), (place for place in places if place not in broken), strict=False)


def _lexicon_faults(folder: Path) -> Iterator[Finding]:
    try:
        load_lexicon(folder / "lexicon")
    except CorpusError as error:
        yield _unreadable("lexicon", error)
    except UnicodeDecodeError as error:
        yield finding("unreadable-file", Place("lexicon", 1), f"词表不是 UTF-8 文本：{error}")


def _unreadable(file: str, error: CorpusError) -> Finding:
    return finding("unreadable-file", Place(file, 1), error.user_message)
