"""Reading a corpus folder: FAQ entries, articles, boundaries, lexicon and fact sheet."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml

from kb.access import readable
from kb.atomic import settle
from kb.channels import Channels, load_channels
from kb.chunking import split
from kb.collector import paused
from kb.errors import CorpusError
from kb.faq import boundary_from, entry_from
from kb.lexicon import Lexicon, load_lexicon
from kb.parsed import ParsedFiles
from kb.plain import boundary_of, entry_of
from kb.records import Boundary, Chunk, Document, Fact, FaqEntry, Section
from kb.yaml_text import parse_yaml

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_LONGEST_TITLE = 40
_FACT_ROW = re.compile(r"^\|\s*(F\d+)\s*\|(.*)\|\s*$", re.MULTILINE)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that a folder of knowledge says; disabled entries are left out of :attr:`active`."""

    folder: Path
    entries: tuple[FaqEntry, ...]
    documents: tuple[Document, ...]
    sections: tuple[Section, ...]
    chunks: tuple[Chunk, ...]
    boundaries: tuple[Boundary, ...]
    lexicon: Lexicon
    facts: tuple[Fact, ...]
    digest: str
    channels: Channels = Channels()

    @property
    def active(self) -> tuple[FaqEntry, ...]:
        """The entries that may be answered."""
        return tuple(entry for entry in self.entries if entry.enabled)


def load_corpus(folder: Path, kept: ParsedFiles | None = None) -> Corpus:
    """Read a corpus; a folder with only ``faq/*.jsonl`` or only ``articles/*`` is one.

    Args:
        folder: of the corpus.
        kept: records of YAML files that have been parsed before.

    Raises:
        CorpusError: the folder holds no knowledge, a file cannot be read or does not parse, or an id stands twice.
        UsageError: an import into the folder does not come to its end.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"no corpus folder {folder}", user_message=f"没有找到知识库文件夹 {folder}，请检查 --corpus。"
        )
    settle(folder)
    with readable(folder), paused():
        corpus = _read(folder, kept)
    if kept is not None:
        kept.sweep()
    return corpus


def _read(folder: Path, kept: ParsedFiles | None) -> Corpus:
    # taken first: what is changed while we read makes the digest old, and the index is built once more
    digest = corpus_digest(folder)
    entries = read_entries(folder, kept)
    documents = tuple(read_article(path) for path in article_files(folder))
    parts = [split(document) for document in documents]
    boundaries = read_boundaries(folder, kept)
    if not entries and not documents:
        raise CorpusError(
            f"{folder} holds neither entries nor articles",
            user_message=f"{folder} 里没有知识：请放入 faq/*.yaml、faq/*.jsonl 或 articles/*.md 后重试。",
        )
    _no_duplicates([entry.id for entry in entries] + [document.id for document in documents], folder)
    return Corpus(
        folder=folder,
        entries=entries,
        documents=documents,
        sections=tuple(section for sections, _ in parts for section in sections),
        chunks=tuple(chunk for _, chunks in parts for chunk in chunks),
        boundaries=boundaries,
        lexicon=load_lexicon(folder / "lexicon"),
        facts=load_facts(folder / "facts.md"),
        channels=load_channels(folder / "channels.yaml"),
        digest=digest,
    )


def read_entries(folder: Path, kept: ParsedFiles | None = None) -> tuple[FaqEntry, ...]:
    """Read the entries of a corpus, in order of the files, YAML first.

    Raises:
        CorpusError: a file does not parse, or an entry has another shape; its file and row are named.
    """
    files = sorted((folder / "faq").glob("*.yaml"))
    from_yaml = [entry for path in files for entry in _records(path, entry_from, entry_of, kept)]
    rows = (row for path in sorted((folder / "faq").glob("*.jsonl")) for row in _jsonl_rows(path))
    return (*from_yaml, *(entry_from(row, where) for row, where in rows))


def read_boundaries(folder: Path, kept: ParsedFiles | None = None) -> tuple[Boundary, ...]:
    """Read the boundaries of a corpus, in order of the files; errors as for entries."""
    files = sorted((folder / "boundaries").glob("*.yaml"))
    return tuple(boundary for path in files for boundary in _records(path, boundary_from, boundary_of, kept))


def _records(
    path: Path,
    build: Callable[[object, str], R],
    read: Callable[[Mapping[str, Any]], R],
    kept: ParsedFiles | None,
) -> tuple[R, ...]:
    content = path.read_bytes()

    def parse() -> tuple[R, ...]:
        rows = enumerate(_yaml_list(content, path), 1)
        return tuple(build(row, f"{path.name}:{number}") for number, row in rows)

    return kept.records(content, read, parse) if kept else parse()


def article_files(folder: Path) -> list[Path]:
    """Article files in order of name."""
    return sorted(path for path in (folder / "articles").glob("*") if path.suffix in {".md", ".txt"})


def read_article(path: Path) -> Document:
    """Read one article; front matter is optional, the id falls back to the file's stem.

    ``Document.text`` is the file without its front matter.
    """
    try:
        raw = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path}: {error}", user_message=f"文章 {path.name} 不是 UTF-8 文本，请用 zhida import 导入它。"
        ) from error
    return article_from(raw, path)


def article_from(raw: str, path: Path) -> Document:
    """Read an article that stands, or shall stand, in a file.

    Raises:
        CorpusError: its front matter does not parse.
    """
    found = _FRONT_MATTER.match(raw)
    meta = _front_matter(found.group(1), path) if found else {}
    text = raw[found.end() :] if found else raw
    return Document(
        id=str(meta.get("id") or path.stem),
        title=str(meta.get("title") or _first_line(text) or path.stem),
        text=text,
        category=str(meta.get("category") or ""),
        checked_on=_as_date(meta.get("checked_on")),
        source=path.name,
    )


def load_facts(path: Path) -> tuple[Fact, ...]:
    """Read the fact sheet's table rows ``| F010 | fact | confidence | policy | sources |``."""
    if not path.exists():
        return ()
    return tuple(_fact(match) for match in _FACT_ROW.finditer(_utf8(path)))


def _fact(match: re.Match[str]) -> Fact:
    cells = [cell.strip() for cell in match.group(2).split("|")] + [""] * 4
    return Fact(match.group(1), cells[0], cells[1], cells[2], tuple(cells[3].split()))


def source_files(folder: Path) -> list[Path]:
    """Every file that a build reads, in order of name; the test set is not one of them."""
    parts = ("faq", "articles", "boundaries", "lexicon")
    with readable(folder):
        files = [path for part in parts for path in (folder / part).rglob("*") if path.is_file()]
        return sorted([*files, *folder.glob("facts.md"), *folder.glob("channels.yaml")])


def corpus_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of every file that a build reads."""
    digest = hashlib.sha256()
    with readable(folder):
        for path in source_files(folder):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _yaml_list(content: bytes, path: Path) -> list[object]:
    try:
        data = parse_yaml(content.decode("utf-8-sig"))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: another encoding, or a date that does not exist
        raise CorpusError(
            f"{path}: {error}", user_message=f"{path.name} 读不懂：{error}。请检查缩进和引号。"
        ) from error
    if data is None:
        return []
    if not isinstance(data, list):
        raise CorpusError(f"{path}: not a list", user_message=f"{path.name} 的最外层应为列表（每条以 - 开头）。")
    return data


def _jsonl_rows(path: Path) -> Iterator[tuple[object, str]]:
    for number, line in enumerate(_utf8(path).split("\n"), 1):
        if line.strip():
            yield _json(line, f"{path.name}:{number}"), f"{path.name}:{number}"


def _utf8(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: {error}", user_message=f"{path.name} 不是 UTF-8 文本，请转存为 UTF-8。") from error


def _json(line: str, where: str) -> object:
    try:
        data = json.loads(line)
        json.dumps(data, ensure_ascii=False).encode()  # half of a surrogate pair could not be written again
        return data
    except ValueError as error:
        raise CorpusError(f"{where}: {error}", user_message=f"{where} 不是合法的 JSON：{error}。") from error


def _front_matter(text: str, path: Path) -> dict[str, object]:
    try:
        meta = parse_yaml(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        raise CorpusError(f"{path}: {error}", user_message=f"文章 {path.name} 开头的信息读不懂：{error}。") from error
    return meta if isinstance(meta, dict) else {}


def _first_line(text: str) -> str:
    """The title that a text opens with: its first line, unless that is all there is or reads like a sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    title = lines[0].lstrip("#").strip() if lines else ""
    heading = bool(lines) and lines[0].startswith("#")
    return title if heading or (len(lines) > 1 and len(title) <= _LONGEST_TITLE and "。" not in title) else ""


def _as_date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _no_duplicates(ids: list[str], folder: Path) -> None:
    twice = sorted(name for name, count in Counter(ids).items() if count > 1)
    if twice:
        raise CorpusError(
            f"{folder}: ids used twice: {twice}",
            user_message=f"编号重复：{'、'.join(twice[:10])}。每个编号只能用一次。",
        )
