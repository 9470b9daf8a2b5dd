"""Addresses of Milvus: ``http://[user:password@]host:19530[/database][?name=zhida]``, or a ``*.db`` file (Milvus Lite)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from kb.errors import UsageError

_NAME = "zhida"
_PORT = 19530


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Milvus is.

    Attributes:
        uri: for the client, without who logs in; fit to be shown and stored.
        token: ``user:password``, "" where nobody logs in.
        database: "" for the default one.
        name: the alias of what serves; collections begin with it.
    """

    uri: str
    token: str
    database: str
    name: str


def parse_address(url: str) -> Address:
    """Read an address.

    Raises:
        UsageError: it is none; the message does not repeat it, for it may hold a password.
    """
    try:
        parts = urlsplit(url)
        name = parse_qs(parts.query).get("name", [_NAME])[0]
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,60}", name):
            raise ValueError("not a name of a collection")
        if parts.scheme == "" and parts.path.endswith(".db"):
            return Address(parts.path, "", "", name)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("neither http nor a file")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        uri = f"{parts.scheme}://{host}:{parts.port or _PORT}"
    except ValueError as error:
        raise UsageError(
            f"not an address of Milvus: {error}",
            user_message="向量库的地址不对，应像 http://milvus:19530，或 http://用户:密码@主机:19530/库名?name=别名。",
        ) from error
    token = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    return Address(uri, token, parts.path.strip("/"), name)
