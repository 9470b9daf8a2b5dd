"""The rule on what the corpus' own test set expects: entries that are there to be found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kb.errors import CorpusError
from kb.lint.findings import Finding, finding
from kb.lint.rows import Row, read_rows
from kb.lint.source import Source


def lost_gold(source: Source, folder: Path) -> Iterator[Finding]:
    """Questions whose gold names an entry or article that is not there, or is turned off: they cannot come out right.

    A file that does not parse is left to the evaluation, which names the line.
    """
    known = {lined.record.id for lined in source.active} | {article.document.id for article in source.articles}
    for row in _rows(folder):
        for name in dict.fromkeys(_named(row.data)):
            if name.partition("#")[0] not in known:
                yield finding("lost-gold", row.place, f"测试题「{_title(row.data)}」以「{name}」为答案，知识库里没有它")


def _rows(folder: Path) -> Iterator[Row]:
    for path in sorted((folder / "questions").glob("*.jsonl")):
        try:
            yield from read_rows(path, folder)
        except CorpusError:
            continue


def _named(data: object) -> Iterator[str]:
    """Ids that the gold of a question, or of the turns of a dialogue, names."""
    if not isinstance(data, Mapping):
        return
    entries, turns = data.get("entries"), data.get("turns")
    yield from (str(name) for name in entries if isinstance(name, str)) if isinstance(entries, list) else ()
    for turn in turns if isinstance(turns, list) else ():
        yield from _named(turn)


def _title(data: object) -> str:
    return str(data.get("question") or data.get("id") or "")[:40] if isinstance(data, Mapping) else ""
