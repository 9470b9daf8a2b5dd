"""Importing an article or a FAQ table into a corpus folder: all of the file's good rows, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from kb.access import readable
from kb.atomic import locked, write_all
from kb.errors import CorpusError, UsageError
from kb.exchange.article_files import article_text, find_article
from kb.exchange.faq_files import FaqFile, read_faq_files, with_entries
from kb.exchange.furniture import Dropped
from kb.readers.documents import read_document
from kb.readers.faults import ReaderFault, read_error
from kb.readers.files import kind_of
from kb.readers.tables import TABLE_KINDS, RowFault, read_table
from kb.records import FaqEntry, StructuredAnswer
from kb.text import exact_key

MODES = ("merge", "append", "replace")
_NEW_FILE = "imported.yaml"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with ``dry_run`` would do.

    ``kind`` is "article" or "faq"; ``added`` and ``merged`` are ids; ``skipped`` rows are already there, ``failed``
    rows are faulty; ``dropped`` is web page furniture (``line_no`` 0: outside of the article that the extractor found);
    ``written`` are the files changed.
    """

    kind: str
    added: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    skipped: tuple[RowFault, ...] = ()
    failed: tuple[RowFault, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    written: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    report: ImportReport
    files: Mapping[Path, str]


def import_file(path: Path, corpus_folder: Path, mode: str = "merge", dry_run: bool = False) -> ImportReport:
    """Import one file.

    A FAQ row is the same as an entry when it has its id or its question. Then ``merge`` adds question forms and
    overwrites the fields that the row fills in, ``append`` skips the row, ``replace`` puts the row in its place.
    An article that is there already is rewritten by ``merge`` and ``replace`` and skipped by ``append``.

    Raises:
        ReadError: the file cannot be read.
        CorpusError: less than 99% of an article would arrive in chunks, or the corpus folder cannot be read or written.
        UsageError: the mode is unknown.
    """
    if mode not in MODES:
        raise UsageError(f"unknown mode {mode}", user_message=f"不认识的导入方式「{mode}」，可选：{'、'.join(MODES)}。")
    if not corpus_folder.is_dir():
        raise CorpusError(f"no folder {corpus_folder}", user_message=f"没有找到知识库文件夹 {corpus_folder}。")
    try:
        kind = kind_of(path)
    except ReaderFault as fault:
        raise read_error(path.name, fault) from fault
    with nullcontext() if dry_run else locked(corpus_folder), readable(corpus_folder):
        plan = (_faq_plan if kind in TABLE_KINDS else _article_plan)(path, corpus_folder, mode)
        if plan.files and not dry_run:
            write_all(plan.files, corpus_folder)
    return plan.report


def _article_plan(path: Path, folder: Path, mode: str) -> _Plan:
    source = read_document(path)
    taken = {entry.id for file in read_faq_files(folder) for entry in file.entries}
    text, document, dropped = article_text(source, taken)
    target = find_article(folder, document.id)
    same = target is not None and target.read_text(encoding="utf-8-sig") == text
    if target is not None and (mode == "append" or same):
        reason = "内容与已有的文章相同" if same else f"编号「{document.id}」的文章已存在"
        return _Plan(ImportReport("article", skipped=(RowFault(1, reason),), dropped=dropped), {})
    ids = (document.id,)
    place = target or folder / "articles" / f"{document.id}.md"
    added, merged = ((), ids) if target else (ids, ())
    return _Plan(ImportReport("article", added, merged, dropped=dropped, written=(place,)), {place: text})


def _faq_plan(path: Path, folder: Path, mode: str) -> _Plan:
    table = read_table(path)
    files = read_faq_files(folder)
    known = {entry.id: entry for file in files for entry in file.entries}
    added, changed, skipped = sorted_rows(table.entries, known, mode, table.given)
    texts = edited_texts(files, changed, added, folder / "faq" / _NEW_FILE)
    report = ImportReport(
        "faq",
        added=tuple(entry.id for entry in added),
        merged=tuple(changed),
        skipped=tuple(skipped),
        failed=table.faults,
        written=tuple(texts),
    )
    return _Plan(report, texts)


def sorted_rows(
    rows: Sequence[tuple[int, FaqEntry]],
    known: Mapping[str, FaqEntry],
    mode: str,
    given: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> tuple[list[FaqEntry], dict[str, FaqEntry], list[RowFault]]:
    """Sort the rows of a table, by :data:`MODES`, into new entries, changed ones by id, and those that are left alone.

    ``given`` names the fields that a row states, by its id; see :func:`merged_entry`.
    """
    by_question = {exact_key(entry.question): entry.id for entry in known.values()}
    added: dict[str, FaqEntry] = {}
    changed: dict[str, FaqEntry] = {}
    skipped: list[RowFault] = []
    for number, entry in rows:
        key = exact_key(entry.question) or entry.question
        place = entry.id if entry.id in known else by_question.get(key, "")
        old = changed.get(place) or known.get(place)
        if place in added:
            skipped.append(RowFault(number, f"标准问与本文件里的「{place}」相同"))
        elif old is None:
            added[entry.id] = entry
            by_question[key] = entry.id
        elif mode == "append":
            skipped.append(RowFault(number, f"知识库里已有「{place}」"))
        else:
            new = merged_entry(old, entry, given.get(entry.id, ())) if mode == "merge" else replace(entry, id=place)
            if new == old:
                skipped.append(RowFault(number, f"与知识库里的「{place}」相同"))
            else:
                changed[place] = new
    return list(added.values()), changed, skipped


def merged_entry(old: FaqEntry, new: FaqEntry, given: Collection[str] = ()) -> FaqEntry:
    """Add the new row's question forms to the old entry and take over the fields that the row fills in.

    ``given`` names the fields that the row states although they may look like a default: ``kind`` and ``enabled``.
    """
    forms = tuple(dict.fromkeys((*old.alternates, *new.forms)))
    return replace(
        old,
        alternates=tuple(form for form in forms if form != old.question),
        negatives=tuple(dict.fromkeys((*old.negatives, *new.negatives))),
        answer=_merged_answer(old.answer, new.answer),
        kind=new.kind if "kind" in given or new.kind != "definition" else old.kind,
        category=new.category or old.category,
        facts=new.facts or old.facts,
        checked_on=new.checked_on or old.checked_on,
        valid_until=new.valid_until or old.valid_until,
        # an empty cell says yes, and must not bring an entry back
        enabled=new.enabled if "enabled" in given else old.enabled and new.enabled,
    )


def _merged_answer(old: StructuredAnswer, new: StructuredAnswer) -> StructuredAnswer:
    """Take over the parts that are filled in: a table without a column of steps must not cost an answer its steps."""
    return StructuredAnswer(
        short=new.short or old.short,
        detail=new.detail or old.detail,
        steps=new.steps or old.steps,
        causes=new.causes or old.causes,
        formula=new.formula or old.formula,
    )


def edited_texts(
    files: Sequence[FaqFile],
    changed: Mapping[str, FaqEntry],
    added: Sequence[FaqEntry],
    home: Path,
    removed: Collection[str] = (),
) -> dict[Path, str]:
    """Write the new text of every file that changes; new entries go to ``home``, made if it is not there.

    ``removed`` are ids of entries that are to go; a file that none is left in stays, empty.
    """
    texts = {}
    for file in [*files, *([] if any(file.path == home for file in files) else [FaqFile(home, "", (), ())])]:
        mine = {entry.id: changed[entry.id] for entry in file.entries if entry.id in changed}
        gone = {entry.id for entry in file.entries if entry.id in removed}
        extra = added if file.path == home else ()
        if mine or extra or gone:
            texts[file.path] = with_entries(file, mine, extra, gone)
    return texts
