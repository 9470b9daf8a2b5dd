"""Versions as an editor sees them: the one that waits for a decision, and those that can serve again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.editing.proof import Proof, proof_from


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that was built and proven and waits for a decision.

    Attributes:
        version: of the new index.
        base_version, base_digest: what served, and what the corpus folder held, when it was proven.
        upto: number of the last draft revision that is in it.
        author, at: who had it proven, and when.
        proof: what it gains and breaks.
    """

    version: str
    base_version: str
    base_digest: str
    upto: int
    author: str
    at: float
    proof: Proof


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that can serve again.

    Attributes:
        version, created: its id, and when it was built, ISO 8601.
        entries: how many FAQ entries it answers from.
        serves: whether it serves now.
        whole: whether its corpus files were kept, so that it can be gone back to.
        author: who published it here, "" if it was built otherwise.
    """

    version: str
    created: str
    entries: int
    serves: bool
    whole: bool
    author: str


def waiting(connection: sqlite3.Connection) -> Candidate | None:
    """Read the candidate; there is at most one."""
    row = connection.execute(
        "SELECT version, base_version, base_digest, upto, author, at, proof FROM candidate"
    ).fetchone()
    return Candidate(row[0], row[1], row[2], row[3], row[4], row[5], proof_from(json.loads(row[6]))) if row else None


def put(connection: sqlite3.Connection, candidate: Candidate) -> None:
    """Keep the candidate."""
    proof = json.dumps(candidate.proof.to_json(), ensure_ascii=False)
    whole = (candidate.version, candidate.base_version, candidate.base_digest, candidate.upto, candidate.author)
    connection.execute("INSERT INTO candidate VALUES (?, ?, ?, ?, ?, ?, ?)", (*whole, candidate.at, proof))


def publishers(connection: sqlite3.Connection, versions: Iterable[str]) -> dict[str, str]:
    """Tell who published which of these versions, however long ago; those that nobody published here are left out."""
    asked = "SELECT author FROM log WHERE target = ? AND action = 'publish'"
    rows = ((version, connection.execute(asked, (version,)).fetchone()) for version in versions)
    return {version: row[0] for version, row in rows if row is not None}
