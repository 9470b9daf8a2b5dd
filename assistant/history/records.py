"""What the history gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with the decision taken on it, as it is kept.

    Attributes:
        id: number of the turn, never used twice.
        visitor, conversation: pseudonyms; the ids that were handed in cannot be read back from them.
        question: masked.
        decision: an :data:`assistant.records.Decision`.
        entries: ids of the entries answered from, best first.
        probability: confidence of the answer, 0..1.
        latency_ms: time to the answer.
        version: id of the index version that answered, "" if not known.
        at: seconds since 1970, UTC.
        rating: 1 helpful, -1 not helpful, None not rated.
        reason: what the person said about the rating, masked.

    """

    id: int
    visitor: str
    conversation: str
    question: str
    decision: str
    entries: tuple[str, ...]
    probability: float
    latency_ms: float
    version: str
    at: float
    rating: int | None = None
    reason: str = ""

    def to_json(self) -> Mapping[str, object]:
        """Plain data, for exports."""
        return asdict(self)
