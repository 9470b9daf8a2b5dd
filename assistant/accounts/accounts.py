"""Accounts, their logins and the devices they have logged in from."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from assistant.accounts.database import connected
from assistant.accounts.passwords import hashed, matches, new_password, nobodys
from assistant.accounts.records import ROLES, Role, User, role_of
from kb.errors import UsageError

FILE = "accounts.sqlite"
PASSWORD_FILE = "editor-password.txt"  # noqa: S105 - the name of a file
_FIRST = "editor"
LOGIN_SECONDS = 12 * 3600.0
IDLE_SECONDS = 2 * 3600.0
DEVICE_SECONDS = 180 * 86_400.0
# A login in use is noted this often, not at every request.
_NOTE_SECONDS = 60.0
_NAME = re.compile(r"[\w.-]{1,32}")


class Accounts:
    """All accounts of a store; safe to share between threads and processes.

    Tokens are handed out once and kept as digests. Every method raises StoreError when the file fails.

    Args:
        store: the folder whose ``accounts.sqlite`` keeps them.
        clock: wall clock in seconds since 1970.

    """

    def __init__(self, store: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = store / FILE
        self._told = store / PASSWORD_FILE
        self._clock = clock

    def users(self) -> list[User]:
        """Give everybody who may log in, by name."""
        with connected(self._path, writes=False) as connection:
            return [_user(row) for row in connection.execute("SELECT name, role FROM accounts ORDER BY name")]

    def add(self, name: str, role: Role, password: str) -> User:
        """Add an account.

        Raises:
            UsageError: the name is taken or unfit, or the password is.

        """
        user, secret = User(_fit(name), role), hashed(password)
        with connected(self._path, writes=True) as connection:
            if _exists(connection, user.name):
                raise UsageError(f"{name} exists", user_message=f"已有账号“{user.name}”，换密码请用 zhida user reset。")
            connection.execute("INSERT INTO accounts VALUES (?, ?, ?)", (user.name, role, secret))
        return user

    def set_password(self, name: str, password: str) -> None:
        """Change a password, which ends the account's logins and forgets its devices.

        Raises:
            UsageError: there is no such account, or the password is unfit.

        """
        secret = hashed(password)
        with connected(self._path, writes=True) as connection:
            known = _known(connection, name)
            connection.execute("UPDATE accounts SET password = ? WHERE name = ?", (secret, known))
            connection.execute("DELETE FROM logins WHERE name = ?", (known,))
            connection.execute("DELETE FROM devices WHERE name = ?", (known,))
            if known == _FIRST:
                self._told.unlink(missing_ok=True)

    def set_role(self, name: str, role: Role) -> None:
        """Change a role; it counts from the next request on.

        Raises:
            UsageError: there is no such account, or nobody would be left to edit.

        """
        with connected(self._path, writes=True) as connection:
            known = _known(connection, name)
            connection.execute("UPDATE accounts SET role = ? WHERE name = ?", (role, known))
            _keep_an_editor(connection)

    def remove(self, name: str) -> None:
        """Remove an account with its logins.

        Raises:
            UsageError: there is no such account, or nobody would be left to edit.

        """
        with connected(self._path, writes=True) as connection:
            connection.execute("DELETE FROM accounts WHERE name = ?", (_known(connection, name),))
            _keep_an_editor(connection)

    def check(self, name: str, password: str) -> User | None:
        """Give the user whose name and password these are; takes as long for a name that does not exist."""
        with connected(self._path, writes=False) as connection:
            wanted = "SELECT name, role, password FROM accounts WHERE name = ?"
            row = connection.execute(wanted, (tidy(name),)).fetchone()
        right = matches(password, row[2] if row else nobodys())
        return _user(row) if row and right else None

    def open_login(self, name: str) -> str:
        """Begin a login and return its token."""
        token, now = secrets.token_urlsafe(24), self._clock()
        with connected(self._path, writes=True) as connection:
            connection.execute("DELETE FROM logins WHERE until < ? OR seen < ?", (now, now - IDLE_SECONDS))
            row = (_digest(token), now + LOGIN_SECONDS, now, _known(connection, name))
            connection.execute("INSERT INTO logins VALUES (?, ?, ?, ?)", row)
        return token

    def who(self, token: str) -> User | None:
        """Give the user of a login; None if it is over, left idle or none of ours."""
        now, digest = self._clock(), _digest(token)
        with connected(self._path, writes=False) as connection:
            row = connection.execute(
                "SELECT name, role, seen FROM logins JOIN accounts USING (name) WHERE digest = ? AND until > ? AND seen > ?",
                (digest, now, now - IDLE_SECONDS),
            ).fetchone()
        if row and now - row[2] > _NOTE_SECONDS:
            with connected(self._path, writes=True) as connection:
                connection.execute("UPDATE logins SET seen = ? WHERE digest = ?", (now, digest))
        return _user(row) if row else None

    def close_login(self, token: str) -> None:
        """End a login."""
        with connected(self._path, writes=True) as connection:
            connection.execute("DELETE FROM logins WHERE digest = ?", (_digest(token),))

    def remember_device(self, name: str) -> str:
        """Give a device a token that shows that this account has logged in from it."""
        token, now = secrets.token_urlsafe(24), self._clock()
        with connected(self._path, writes=True) as connection:
            connection.execute("DELETE FROM devices WHERE until < ?", (now,))
            row = (_digest(token), now + DEVICE_SECONDS, _known(connection, name))
            connection.execute("INSERT INTO devices VALUES (?, ?, ?)", row)
        return token

    def knows_device(self, name: str, token: str) -> bool:
        """Tell whether an account has logged in from the device that holds this token."""
        wanted = "SELECT 1 FROM devices WHERE digest = ? AND name = ? AND until > ?"
        with connected(self._path, writes=False) as connection:
            return bool(connection.execute(wanted, (_digest(token), tidy(name), self._clock())).fetchone())

    def first_editor(self) -> Path | None:
        """Make an editor if there is no account; give the file that tells the password, None if there is an account."""
        password = new_password()
        secret = hashed(password)
        with connected(self._path, writes=True) as connection:
            if connection.execute("SELECT 1 FROM accounts LIMIT 1").fetchone():
                return None
            _write(self._told, f"{_FIRST}\n{password}\n")
            connection.execute("INSERT INTO accounts VALUES (?, ?, ?)", (_FIRST, ROLES[-1], secret))
        return self._told


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)  # one that an interrupted start has left
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def tidy(name: str) -> str:
    """Write a name as it is kept: case and width do not matter."""
    return unicodedata.normalize("NFKC", name.encode("utf-8", "replace").decode("utf-8")).strip().casefold()


def _fit(name: str) -> str:
    wanted = tidy(name)
    if not _NAME.fullmatch(wanted):
        raise UsageError(f"bad name {name!r}", user_message="用户名只能用文字、数字和 _.-，最多 32 个字符。")
    return wanted


def _exists(connection: sqlite3.Connection, name: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM accounts WHERE name = ?", (name,)).fetchone())


def _known(connection: sqlite3.Connection, name: str) -> str:
    wanted = tidy(name)
    if not _exists(connection, wanted):
        raise UsageError(f"no account {name!r}", user_message=f"没有账号“{wanted}”，用 zhida user list 看有哪些。")
    return wanted


def _keep_an_editor(connection: sqlite3.Connection) -> None:
    if not connection.execute("SELECT 1 FROM accounts WHERE role = ?", (ROLES[-1],)).fetchone():
        raise UsageError("no editor left", user_message="至少要留一个编辑账号，请先添加另一个编辑。")


def _digest(token: str) -> str:
    """Digest of a token: it has 192 random bits, so that no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _user(row: tuple[str, ...]) -> User:
    return User(row[0], role_of(row[1]))
