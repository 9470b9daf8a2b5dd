"""Checksum lists: which files belong together, and whether they are still what was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from kb.embedding.errors import FolderError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file: its size in bytes and the sha256 of its content, as hex."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Files that belong together.

    Attributes:
        identity: sha256 hex of what the files were made from; equal identities give equal vectors.
        base: the identity before any weight delta.
        files: path relative to the folder → entry.
    """

    identity: str
    base: str
    files: dict[str, FileEntry]


def file_digest(path: Path) -> str:
    """Return the sha256 of a file as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def combine(*parts: str) -> str:
    """Return one sha256 hex over several words, in order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def write_manifest(folder: Path, identity: str, base: str, names: Iterable[str], *, name: str = MANIFEST) -> Manifest:
    """Write the checksums of `names`; write it after them, since its presence says that they are whole."""
    entries = {n: FileEntry((folder / n).stat().st_size, file_digest(folder / n)) for n in sorted(names)}
    manifest = Manifest(identity, base, entries)
    (folder / name).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    return manifest


def read_manifest(folder: Path, *, name: str = MANIFEST) -> Manifest:
    """Read a manifest; raises FolderError when it is absent or unreadable."""
    try:
        raw = json.loads((folder / name).read_text(encoding="utf-8"))
        files = {key: FileEntry(int(entry["bytes"]), str(entry["sha256"])) for key, entry in raw["files"].items()}
        return Manifest(str(raw["identity"]), str(raw["base"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FolderError(f"{folder.name}: no readable {name}: {error}") from error


def is_complete(folder: Path, *, name: str = MANIFEST) -> bool:
    """Tell without reading the files whether each one a manifest names is there, at the size it names."""
    try:
        files = read_manifest(folder, name=name).files
        return all((folder / key).stat().st_size == entry.bytes for key, entry in files.items())
    except (FolderError, OSError):
        return False


def verify(folder: Path, *, name: str = MANIFEST) -> Manifest:
    """Check every file against its checksum; raises FolderError naming the first that is absent or differs."""
    manifest = read_manifest(folder, name=name)
    for key, entry in manifest.files.items():
        path = folder / key
        try:
            if not path.is_file():
                raise FolderError(f"{folder.name}: {key} is missing")
            if file_digest(path) != entry.sha256:
                raise FolderError(f"{folder.name}: {key} does not match its checksum")
        except OSError as error:
            raise FolderError(f"{folder.name}: {key} cannot be read: {error}") from error
    return manifest
