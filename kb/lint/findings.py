"""What the lint reports: a place, a code and a Chinese sentence that says what to mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

# In order of rank: what misleads a user stands before what merely deserves a look.
ERRORS = (
    "unreadable-file",
    "unreadable-entry",
    "duplicate-key",
    "missing-id",
    "reused-id",
    "same-form",
    "form-is-boundary",
    "form-is-negative",
    "unknown-fact",
    "too-many-facts",
    "phone",
    "policy",
    "no-steps",
)
WARNINGS = (
    "expired",
    "lost-gold",
    "lost-question",
    "near-form",
    "near-answer",
    "unused-fact",
    "no-valid-until",
    "never-checked",
    "few-alternates",
)
_RANK = {code: rank for rank, code in enumerate((*ERRORS, *WARNINGS))}


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file of the corpus; ``file`` is relative to the corpus folder, ``line`` counts from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault (``error``) or doubt (``warning``); ``code`` is one of :data:`ERRORS` or :data:`WARNINGS`."""

    severity: Severity
    code: str
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} [{self.code}] {self.message}"


def finding(code: str, place: Place, message: str) -> Finding:
    """Make a finding; the code decides the severity."""
    severity: Severity = "error" if code in ERRORS else "warning"
    return Finding(severity, code, place.file, place.line, message)


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then warnings by code; within a code the order of the rule that found them stays."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda found: _RANK[found.code]))
