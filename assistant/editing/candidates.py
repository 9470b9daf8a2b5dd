"""Versions as an editor sees them: the one that waits for a decision, and those that can serve again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from assistant.editing.proof import Proof, proof_from
from kb.errors import KbError
from kb.originals import has_originals
from kb.store import Store


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


def decided(connection: sqlite3.Connection, store: Store) -> dict[str, str]:
    """Versions that somebody let serve, oldest first, each with who published it here; see :class:`Kept`."""
    versions, current = store.versions(), store.serving()
    authors = publishers(connection, versions)
    return {
        version: authors.get(version, "")
        for version in versions
        if version in authors or version == current or not store.peek(version)[1].get("staged")
    }


def kept(store: Store, version: str, current: str, author: str) -> Kept:
    """Describe a version that somebody let serve, while ``current`` serves."""
    folder, manifest = store.peek(version)
    counts = manifest.get("counts")
    return Kept(
        version=version,
        created=str(manifest.get("created", "")),
        entries=int(counts.get("entries", 0)) if isinstance(counts, dict) else 0,
        serves=version == current,
        whole=has_originals(folder),
        author=author,
    )


def unpublish(connection: sqlite3.Connection, version: str) -> None:
    """Take back the note that a version was published, where it did not come to serve after all."""
    connection.execute("DELETE FROM log WHERE target = ? AND action = 'publish'", (version,))


@contextmanager
def gone_on_failure(store: Store, version: str) -> Iterator[None]:
    """Leave no version behind that did not come to serve in here; the failure is told, and none of clearing away."""
    try:
        yield
    except BaseException:
        with suppress(KbError):  # it serves already, or its vectors are out of reach: the next sweep will take it
            store.discard(version)
        raise
