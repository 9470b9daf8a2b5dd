"""The files a version was built from, kept beside its index, so that going back to it takes the corpus along."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from kb.access import readable
from kb.atomic import write_all
from kb.corpus import source_files
from kb.errors import StoreError

_FILE = "source.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def save_originals(corpus: Path, folder: Path) -> None:
    """Write ``source.zip`` into a version's folder: every file that a build reads, under its name in the corpus.

    Raises:
        CorpusError: a file cannot be read.
        OSError: the version's folder cannot be written.
    """
    buffer = io.BytesIO()
    with readable(corpus), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in source_files(corpus):
            archive.writestr(zipfile.ZipInfo(path.relative_to(corpus).as_posix(), _EPOCH), path.read_bytes())
    (folder / _FILE).write_bytes(buffer.getvalue())


def has_originals(folder: Path) -> bool:
    """Tell whether a version can bring its corpus back."""
    return (folder / _FILE).exists()


def read_originals(folder: Path) -> Mapping[str, bytes]:
    """Read what :func:`save_originals` wrote: contents by name.

    Raises:
        StoreError: the version was built before its files were kept, or they are damaged.
    """
    try:
        with zipfile.ZipFile(folder / _FILE) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise StoreError(
            f"no originals in {folder}: {error}",
            user_message=f"版本 {folder.name} 没有保存当时的知识库文件，换不回去；可以用命令行 zhida rollback --index-only 只换索引。",
        ) from error


def restore_originals(corpus: Path, originals: Mapping[str, bytes]) -> int:
    """Make a corpus folder hold just these files, in one change; return how many were written or removed.

    Files that no build reads (the test set, the adapted weights) stay. The caller holds the folder's lock, see
    :func:`kb.atomic.locked`, since it looked at what is overwritten here.

    Raises:
        CorpusError: the disk refuses; nothing was changed, or the next writer finishes it.
    """
    here = {path.relative_to(corpus).as_posix(): path for path in source_files(corpus)}
    files: dict[Path, str | bytes | None] = {
        corpus / name: content
        for name, content in originals.items()
        if name not in here or here[name].read_bytes() != content
    }
    files |= {path: None for name, path in here.items() if name not in originals}
    if files:
        write_all(files, corpus)
    return len(files)
