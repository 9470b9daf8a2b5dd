"""API keys: random, stored as digests, one name each.

File format, one key a line: ``name sha256-of-the-key``; lines that begin with ``#`` are comments. A key has 256 random
bits, so that a plain digest cannot be searched and needs no salt.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from ipaddress import ip_address
from pathlib import Path

from kb.errors import StoreError, UsageError

_NAME = re.compile(r"[\w.-]{1,64}")
_PREFIX = "zhida_"
FILE = "api-keys.txt"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ApiKeys:
    """The keys of one file. A change to the file counts at once: revoking must not wait for a restart.

    Args:
        path: the file; a missing file holds no key, so that nobody is let in.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._names: dict[str, str] = {}

    def name_of(self, key: str) -> str | None:
        """Name of the key's holder, None for an unknown key.

        Raises:
            StoreError: the file cannot be read or has a bad line.

        """
        digest = _digest(key)
        return next((name for stored, name in self._current().items() if hmac.compare_digest(stored, digest)), None)

    def create(self, name: str) -> str:
        """Add a key and return it; it cannot be shown again.

        Raises:
            UsageError: the name is taken or has other characters than letters, digits, ``_.-``.
            StoreError: the file cannot be written.

        """
        if not _NAME.fullmatch(name) or name in self._current().values():
            raise UsageError(f"bad key name {name!r}", user_message="密钥名只能用文字、数字和 _.-，且不能重名。")
        key = _PREFIX + secrets.token_urlsafe(32)
        self._append(f"{name} {_digest(key)}\n")
        return key

    def names(self) -> list[str]:
        """Name the holders of all keys.

        Raises:
            StoreError: the file cannot be read or has a bad line.

        """
        return sorted(self._current().values())

    def revoke(self, name: str) -> None:
        """Take a key back; it counts at once.

        Raises:
            UsageError: nobody of this name has a key.
            StoreError: the file cannot be written.

        """
        kept = {digest: holder for digest, holder in self._current().items() if holder != name}
        if len(kept) == len(self._names):
            raise UsageError(f"no key {name!r}", user_message=f"没有名为“{name}”的密钥。")
        fresh = self._path.with_name(f".{self._path.name}.new")
        try:
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                file.writelines(f"{holder} {digest}\n" for digest, holder in kept.items())
            fresh.replace(self._path)
        except OSError as error:
            raise self._unwritten(error) from error

    def _append(self, line: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(
                os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(line)
        except OSError as error:
            raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> StoreError:
        hint = f"写不了密钥文件 {self._path}，请检查磁盘空间和权限。"
        return StoreError(f"cannot write keys: {error}", user_message=hint)

    def _current(self) -> dict[str, str]:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                self._names, self._stamp = _parse(self._path.read_text(encoding="utf-8")), stamp
        except FileNotFoundError:
            self._names, self._stamp = {}, None
        except (OSError, ValueError) as error:
            hint = f"密钥文件 {self._path} 读不了或格式不对，请修正或删除后用命令重新生成。"
            raise StoreError(f"bad key file: {error}", user_message=hint) from error
        return self._names


def keys_for(host: str, path: Path) -> ApiKeys | None:
    """Whether callers need a key: None (no) only on loopback and while there is no key file."""
    return None if is_loopback(host) and not path.exists() else ApiKeys(path)


def is_loopback(host: str) -> bool:
    """Whether a server bound to this host is reachable from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _parse(text: str) -> dict[str, str]:
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for parts in lines:
        if len(parts) != 2 or not _DIGEST.fullmatch(parts[1]):
            raise ValueError("a line is not 'name digest'")
    return {digest: name for name, digest in lines}
