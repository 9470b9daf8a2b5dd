"""What a build can take over from the version before it: vectors, word analysis, the fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from kb.dense import FaissIndex, Vectors
from kb.embedding import Embedder
from kb.errors import StoreError
from kb.index import DENSE_FILE, load_rows
from kb.lexicon import Lexicon
from kb.query import Query
from kb.ranking import Ranker
from kb.store import Store
from kb.units import Layout, Role, Row

# A fit made on nearly the same rows serves on: weights and cut-offs do not move by one entry.
MOST_DRIFT = 0.02

Key = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Previous:
    """What the version before holds; empty where there is none or it was made with another model or lexicon.

    Attributes:
        vectors: by (is passage, text).
        queries: analysed texts.
        ranker: its fit, None if it is not calibrated or was made with another model.
        drift: share of rows that have changed since that fit.
    """

    vectors: dict[Key, Vectors] = field(default_factory=dict)
    queries: Mapping[str, Query] = field(default_factory=dict)
    ranker: Ranker | None = None
    drift: float = 0.0


def key_of(row: Row) -> Key:
    """Two rows with the same key have the same vector."""
    return row.role is Role.TEXT, row.text


def load_previous(store: Store, embedder: Embedder, lexicon: Lexicon) -> Previous:
    """Read what can be taken over from the current version."""
    try:
        version = store.current()
        model, ranker = version.manifest.get("model"), version.manifest.get("ranker")
        same_model = isinstance(model, dict) and model.get("digest") == embedder.digest
        same_lexicon = version.manifest.get("lexicon") == lexicon_digest(lexicon)
        rows, analysed = load_rows(version.folder)
        dense = FaissIndex.load(version.folder / DENSE_FILE) if same_model else None
        fitted = Ranker.from_json(ranker) if same_model and isinstance(ranker, dict) else None
        drift = float(str(version.manifest["drift"]))
    except (StoreError, OSError, ValueError, KeyError, TypeError):
        return Previous()  # nothing usable: everything is made anew
    return Previous(
        vectors=dict(zip(map(key_of, rows), dense.vectors() if dense is not None else (), strict=False)),
        queries={row.text: query for row, query in zip(rows, analysed, strict=True)} if same_lexicon else {},
        ranker=fitted if fitted is not None and fitted.calibrated else None,
        drift=drift,
    )


def drift_after(previous: Previous, layout: Layout) -> float:
    """Share of rows that differ from those the previous fit was made on."""
    keys = {key_of(row) for row in layout.rows}
    changed = len(keys ^ previous.vectors.keys())
    return previous.drift + changed / max(len(keys), 1)


def lexicon_digest(lexicon: Lexicon) -> str:
    """SHA-256 of what word analysis depends on."""
    data = {**asdict(lexicon), "stop_words": sorted(lexicon.stop_words)}
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
