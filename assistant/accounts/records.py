"""Who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from kb.errors import UsageError

Role = Literal["staff", "editor"]
# From the least to the most: each role may do all that those before it may.
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    name: str
    role: Role

    def may(self, needed: Role) -> bool:
        """Tell whether this user's role includes another."""
        return ROLES.index(self.role) >= ROLES.index(needed)


def role_of(text: str) -> Role:
    """Read a role.

    Raises:
        UsageError: there is no such role.

    """
    for role in ROLES:
        if text == role:
            return role
    raise UsageError(f"no role {text!r}", user_message=f"没有“{text}”这个角色，请用 {' 或 '.join(ROLES)}。")
