"""Office files are ZIP archives: look into the directory before anything is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

from kb.readers.faults import ReaderFault

MAX_UNPACKED = 300_000_000
MAX_MEMBERS = 10_000


def check_archive(path: Path, member: str) -> None:
    """Check that an archive holds ``member`` and unpacks to a sane size.

    The sizes in the directory bind: ``zipfile`` never yields more bytes of a member than its directory entry announces.

    Raises:
        ReaderFault: "bomb", "encrypted", "mislabelled" (no such member) or "corrupt".
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise ReaderFault("corrupt", str(error)) from error
    if len(members) > MAX_MEMBERS or sum(info.file_size for info in members) > MAX_UNPACKED:
        raise ReaderFault("bomb")
    if any(info.flag_bits & 0x1 for info in members):
        raise ReaderFault("encrypted")
    if member not in {info.filename for info in members}:
        raise ReaderFault("mislabelled")
