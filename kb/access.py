"""What the disk refuses while a corpus is read, as an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import CorpusError


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Read files of a corpus in here.

    Raises:
        CorpusError: a file cannot be read (permissions, a failing disk); it is named.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise CorpusError(
            f"cannot read {where}: {error}",
            user_message=f"读不了 {where}：{error.strerror or error}。请检查文件权限和磁盘。",
        ) from error
