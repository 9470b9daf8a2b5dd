"""What an uploaded file would bring, shown before any of it becomes a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.editing.drafts import Drafts
from assistant.editing.errors import EditError
from assistant.editing.records import Draft, entries_after
from assistant.editing.shelf import Published
from kb.chunking import split
from kb.exchange.article_files import article_text
from kb.exchange.furniture import Dropped
from kb.exchange.importing import sorted_rows
from kb.readers.documents import read_document
from kb.readers.faults import ReaderFault, read_error
from kb.readers.files import kind_of
from kb.readers.tables import TABLE_KINDS, RowFault, read_table
from kb.records import Chunk, FaqEntry

MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class TableUpload:
    """A FAQ table: entries that are new or would change, rows that are there already, rows that would fail.

    ``drafted`` are ids of those with a draft, which the upload lies over; ``seen`` stands for all drafts as they were.
    """

    added: tuple[FaqEntry, ...]
    changed: tuple[FaqEntry, ...]
    skipped: tuple[RowFault, ...]
    failed: tuple[RowFault, ...]
    drafted: tuple[str, ...] = ()
    seen: str = ""


@dataclass(frozen=True, slots=True)
class ArticleUpload:
    """An article: the file it becomes, how it is cut, and what was taken for page furniture and left out.

    ``drafted`` says whose draft the upload lies over, "" if there is none; ``seen`` stands for what there was.
    """

    name: str
    title: str
    text: str
    chunks: tuple[Chunk, ...]
    dropped: tuple[Dropped, ...]
    replaces: bool
    drafted: str = ""
    seen: str = ""


Upload = TableUpload | ArticleUpload


def preview(path: Path, published: Published, drafts: Drafts, mode: str = "merge") -> Upload:
    """Read an uploaded file without taking anything over.

    Args:
        path: the file; its name counts for the article's id alone.
        published: what the files say.
        drafts: what is drafted over it.
        mode: one of :data:`kb.exchange.importing.MODES`.

    Raises:
        EditError: the file is too big for an upload.
        ReadError: it cannot be read as what it says it is.
        CorpusError: an article would lose more than a hundredth of its text.
    """
    if path.stat().st_size > MAX_BYTES:
        raise EditError(
            f"{path.name} is too big",
            user_message=f"「{path.name}」超过 {MAX_BYTES // 1_000_000} MB，请拆开上传，或用命令行 zhida import 导入。",
        )
    try:
        kind = kind_of(path)
    except ReaderFault as fault:
        raise read_error(path.name, fault) from fault
    return _table(path, published, drafts.all(), mode) if kind in TABLE_KINDS else _article(path, published, drafts)


def keep(upload: Upload, drafts: Drafts, author: str, seen: str | None = None) -> int:
    """Make drafts of all that an upload brings; return how many.

    Args:
        upload: what to keep.
        drafts: where to.
        author: who keeps it.
        seen: of the preview that the author was shown, if that is another one.

    Raises:
        ConflictError: somebody has saved one of them since that preview; nothing is kept.
    """
    known = upload.seen if seen is None else seen
    if isinstance(upload, ArticleUpload):
        return int(drafts.save_article(upload.name, upload.text, known, author, "import") is not None)
    entries = (*upload.added, *upload.changed)
    return drafts.save_many(entries, author, "import", upto=int(known) if known.isdecimal() else None)


def _table(path: Path, published: Published, drafts: Sequence[Draft], mode: str) -> TableUpload:
    table = read_table(path)
    known = entries_after(published.entries, drafts)
    articles = published.article_ids
    clashing = tuple(
        RowFault(row, f"编号「{entry.id}」是一篇文章的，请换一个")
        for row, entry in table.entries
        if entry.id in articles
    )
    rows = [(row, entry) for row, entry in table.entries if entry.id not in articles]
    added, changed, skipped = sorted_rows(rows, known, mode, table.given)
    own = {draft.name for draft in drafts if draft.entry is not None}
    touched = tuple(entry.id for entry in (*added, *changed.values()) if entry.id in own)
    upto = str(max((draft.number for draft in drafts), default=0))
    faults = (*table.faults, *clashing)
    return TableUpload(tuple(added), tuple(changed.values()), tuple(skipped), faults, touched, upto)


def _article(path: Path, published: Published, drafts: Drafts) -> ArticleUpload:
    text, document, dropped = article_text(read_document(path), published.entries.keys())
    files: Mapping[str, str] = {article.id: name for name, article in published.articles.items()}
    name = files.get(document.id, f"{document.id}.md")
    _, chunks = split(document)
    there = drafts.open_article(name)
    return ArticleUpload(
        name,
        document.title,
        text,
        tuple(chunks),
        dropped,
        document.id in files,
        there.draft.author if there.draft else "",
        there.token,
    )
