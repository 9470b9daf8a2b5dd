"""Errors of editing and publishing.

KbError
└── EditError           what an editor asked for cannot be done as asked; nothing was changed
    └── ConflictError   somebody else was quicker; nothing of theirs was overwritten
"""

from __future__ import annotations

from kb.errors import KbError


class EditError(KbError):
    """An edit, a publication or a rollback cannot be carried out; nothing was changed."""


class ConflictError(EditError):
    """Somebody else changed the same thing in the meantime; nothing of theirs was overwritten."""
