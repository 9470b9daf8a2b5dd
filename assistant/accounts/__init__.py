"""Accounts of staff and editors: hashed passwords and logins in a SQLite file of the store, open to its owner only."""

from __future__ import annotations

from assistant.accounts.accounts import PASSWORD_FILE, Accounts
from assistant.accounts.passwords import new_password
from assistant.accounts.records import ROLES, Role, User, role_of

__all__ = ["PASSWORD_FILE", "ROLES", "Accounts", "Role", "User", "new_password", "role_of"]
