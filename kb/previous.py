"""What a build can take over from the version before it: vectors, word analysis, the fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kb.dense import FaissIndex, Vectors
from kb.embedding import Embedder
from kb.errors import StoreError
from kb.index import DENSE_FILE
from kb.lexicon import Lexicon
from kb.query import Query
from kb.ranking import Ranker
from kb.store import Store
from kb.tokens import bigrams, sound_pairs
from kb.units import Layout, Role, Row

_FILE = "analysis.json"
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
        data = json.loads((version.folder / _FILE).read_text(encoding="utf-8"))
        model, ranker = version.manifest.get("model"), version.manifest.get("ranker")
        same_model = isinstance(model, dict) and model.get("digest") == embedder.digest
        queries = _queries(data["rows"]) if data["lexicon"] == _digest(lexicon) else {}
        dense = FaissIndex.load(version.folder / DENSE_FILE) if same_model else None
        keys = [(bool(row[0]), str(row[1])) for row in data["rows"]]
        fitted = Ranker.from_json(ranker) if same_model and isinstance(ranker, dict) else None
        drift = float(data["drift"])
    except (StoreError, OSError, ValueError, KeyError, TypeError):
        return Previous()  # nothing usable: everything is made anew
    vectors = dense.vectors() if dense is not None else ()
    return Previous(
        vectors=dict(zip(keys, vectors, strict=False)),
        queries=queries,
        ranker=fitted if fitted is not None and fitted.calibrated else None,
        drift=drift,
    )


def drift_after(previous: Previous, layout: Layout) -> float:
    """Share of rows that differ from those the previous fit was made on."""
    keys = {key_of(row) for row in layout.rows}
    changed = len(keys ^ previous.vectors.keys())
    return previous.drift + changed / max(len(keys), 1)


def save_analysis(layout: Layout, queries: Sequence[Query], lexicon: Lexicon, drift: float, folder: Path) -> None:
    """Keep the analysis of every row for the next build."""
    rows = [
        [
            int(row.role is Role.TEXT),
            row.text,
            "" if query.text == row.text else query.text,
            query.key,
            query.words,
            query.sound,
            {slot: sorted(values) for slot, values in query.slots.items()},
        ]
        for row, query in zip(layout.rows, queries, strict=True)
    ]
    data = {"lexicon": _digest(lexicon), "drift": drift, "rows": rows}
    (folder / _FILE).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def _queries(rows: Sequence[Sequence[object]]) -> dict[str, Query]:
    return {str(row[1]): _query(*row[1:]) for row in rows}  # type: ignore[arg-type]  # our own file's shape


def _query(text: str, mended: str, key: str, words: list[str], sound: str, slots: dict[str, list[str]]) -> Query:
    return Query(
        text=mended or text,
        key=key,
        words=tuple(words),
        terms=(*words, *bigrams(mended or text)),
        sound=sound,
        sounds=sound_pairs(sound),
        slots={slot: frozenset(values) for slot, values in slots.items()},
    )


def _digest(lexicon: Lexicon) -> str:
    data = {**asdict(lexicon), "stop_words": sorted(lexicon.stop_words)}
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
