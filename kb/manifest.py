"""The manifest of a version: what it says, sealed with its own digest, and the digests of all files beside it."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from kb.errors import StoreError

MANIFEST = "manifest.json"
_SEAL = "seal"


def read_manifest(folder: Path) -> dict[str, object]:
    """Read the manifest of a version.

    Raises:
        StoreError: there is none, or it is damaged.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(
            f"no whole version in {folder}: {error}",
            user_message=f"索引版本 {folder.name} 不完整，请运行 zhida build 重建。",
        ) from error
    if not isinstance(manifest, dict):
        raise StoreError(f"bad manifest in {folder}", user_message="索引清单损坏，请运行 zhida build 重建。")
    if _SEAL in manifest and manifest[_SEAL] != _seal(manifest):
        raise StoreError(
            f"manifest of {folder} is damaged",
            user_message=f"索引版本 {folder.name} 的清单已损坏，请运行 zhida build 重建。",
        )
    return manifest


def sealed(manifest: Mapping[str, object]) -> dict[str, object]:
    """Add the digest of all that the manifest says, the ranking model in it above all."""
    return {**manifest, _SEAL: _seal(manifest)}


def _seal(manifest: Mapping[str, object]) -> str:
    rest = {key: value for key, value in manifest.items() if key != _SEAL}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def check_files(folder: Path, manifest: Mapping[str, object]) -> None:
    """Compare every file with its digest in the manifest.

    Raises:
        StoreError: one is missing or damaged.
    """
    files = manifest.get("files")
    for name, digest in files.items() if isinstance(files, dict) else ():
        try:
            found = digest_of(folder / name)
        except OSError as error:
            raise StoreError(
                f"{name} is missing", user_message=f"索引文件 {name} 缺失，请运行 zhida build 重建。"
            ) from error
        if found != digest:
            raise StoreError(f"{name} is damaged", user_message=f"索引文件 {name} 已损坏，请运行 zhida build 重建。")


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a crash leaves the old or the new one, never a part; text as UTF-8."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with fresh.open("wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
