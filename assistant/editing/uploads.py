"""What an uploaded file would bring, shown before any of it becomes a draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.editing.drafts import Drafts
from assistant.editing.errors import EditError
from assistant.editing.records import Draft
from assistant.editing.shelf import Published
from kb.article_files import article_text
from kb.chunking import split
from kb.furniture import Dropped
from kb.importing import sorted_rows
from kb.readers.documents import read_document
from kb.readers.faults import ReaderFault, read_error
from kb.readers.files import kind_of
from kb.readers.tables import TABLE_KINDS, RowFault, read_table
from kb.records import Chunk, FaqEntry

MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class TableUpload:
    """A FAQ table: entries that are new or would change, rows that are there already, rows that would fail."""

    added: tuple[FaqEntry, ...]
    changed: tuple[FaqEntry, ...]
    skipped: tuple[RowFault, ...]
    failed: tuple[RowFault, ...]


@dataclass(frozen=True, slots=True)
class ArticleUpload:
    """An article: the file it becomes, how it is cut, and what was taken for page furniture and left out."""

    name: str
    title: str
    text: str
    chunks: tuple[Chunk, ...]
    dropped: tuple[Dropped, ...]
    replaces: bool


Upload = TableUpload | ArticleUpload


def preview(path: Path, published: Published, drafts: Iterable[Draft], mode: str = "merge") -> Upload:
    """Read an uploaded file without taking anything over.

    Args:
        path: the file; its name counts for the article's id alone.
        published: what the files say.
        drafts: what is drafted over it.
        mode: one of :data:`kb.importing.MODES`.

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
    return _table(path, published, drafts, mode) if kind in TABLE_KINDS else _article(path, published)


def keep(upload: Upload, drafts: Drafts, author: str) -> int:
    """Make drafts of all that an upload brings; return how many."""
    if isinstance(upload, ArticleUpload):
        drafts.save_article(upload.name, upload.text, author)
        return 1
    return drafts.save_many((*upload.added, *upload.changed), author, "import")


def _table(path: Path, published: Published, drafts: Iterable[Draft], mode: str) -> TableUpload:
    table = read_table(path)
    known = {**published.entries, **{draft.entry.id: draft.entry for draft in drafts if draft.entry is not None}}
    articles = {document.id for document in published.articles.values()}
    clashing = tuple(
        RowFault(row, f"编号「{entry.id}」是一篇文章的，请换一个")
        for row, entry in table.entries
        if entry.id in articles
    )
    rows = [(row, entry) for row, entry in table.entries if entry.id not in articles]
    added, changed, skipped = sorted_rows(rows, known, mode, table.given)
    return TableUpload(tuple(added), tuple(changed.values()), tuple(skipped), (*table.faults, *clashing))


def _article(path: Path, published: Published) -> ArticleUpload:
    text, document, dropped = article_text(read_document(path), published.entries.keys())
    files: Mapping[str, str] = {article.id: name for name, article in published.articles.items()}
    name = files.get(document.id, f"{document.id}.md")
    _, chunks = split(document)
    return ArticleUpload(name, document.title, text, tuple(chunks), dropped, document.id in files)
