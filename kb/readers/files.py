"""What a file is, before any parser sees it: size, extension and the bytes at its beginning."""

from __future__ import annotations

from pathlib import Path

from kb.readers.faults import ReaderFault

MAX_BYTES = 100_000_000
_KINDS = {
    "text": (".md", ".markdown", ".txt", ".text"),
    "html": (".html", ".htm", ".xhtml"),
    "docx": (".docx",),
    "pdf": (".pdf",),
    "xlsx": (".xlsx", ".xlsm"),
    "csv": (".csv", ".tsv"),
    "jsonl": (".jsonl", ".ndjson"),
    "yaml": (".yaml", ".yml"),
}
_KIND_OF = {suffix: kind for kind, suffixes in _KINDS.items() for suffix in suffixes}
_OLD_OFFICE = frozenset({".doc", ".xls", ".ppt", ".wps", ".et"})
_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"
_BINARY = (_ZIP, _OLE, _PDF, b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x7fELF")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HEAD = 8192


def kind_of(path: Path) -> str:
    """Name the format of a file: text, html, docx, pdf, xlsx, csv, jsonl or yaml.

    Raises:
        ReaderFault: the file is missing, empty, 100 MB or larger, of an unknown or old format, protected by a password,
            or its first bytes belie its extension.
    """
    suffix = path.suffix.lower()
    data = _head(path)
    kind = _KIND_OF.get(suffix, "")
    if data.startswith(_OLE):
        raise ReaderFault("encrypted" if _is_encrypted(path) else "old_office" if _is_office(suffix) else "mislabelled")
    if not kind:
        raise ReaderFault("old_office" if suffix in _OLD_OFFICE else "format", suffix)
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ReaderFault("empty")
    _check_head(kind, data)
    return kind


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ReaderFault("missing")
        if path.stat().st_size >= MAX_BYTES:
            raise ReaderFault("too_big")
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError as error:
        raise ReaderFault("denied", str(error)) from error


def _check_head(kind: str, data: bytes) -> None:
    expected = {"docx": _ZIP, "xlsx": _ZIP, "pdf": _PDF}.get(kind)
    if expected is None and data.startswith(_BINARY):
        raise ReaderFault("mislabelled")
    if kind == "pdf" and _PDF not in data[:1024]:
        raise ReaderFault("corrupt" if not data.startswith(_BINARY) and _looks_binary(data) else "mislabelled")
    if expected == _ZIP and not data.startswith(_ZIP):
        raise ReaderFault("corrupt" if not data.startswith(_BINARY) and _looks_binary(data) else "mislabelled")


def _looks_binary(data: bytes) -> bool:
    return b"\x00" in data


def _is_office(suffix: str) -> bool:
    return suffix in _OLD_OFFICE or _KIND_OF.get(suffix) in {"docx", "xlsx"}


def _is_encrypted(path: Path) -> bool:
    """Recognise protection: a password turns a new Office file into an OLE container with a stream of this name."""
    return _ENCRYPTED in path.read_bytes()
