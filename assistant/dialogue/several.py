"""Several questions in one message: when each of them gets its own part of the reply."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue.alone import Reading

# Kinds of which it can be said, beside an answer, that this part of the message has none.
_TOLD = frozenset({"missing_detail", "other_product", "account", "third_person"})
_CLEARLY = 0.75


def taken_apart(readings: Sequence[Reading]) -> bool:
    """Tell whether a message is answered part by part rather than as one question.

    Each part must have an entry of its own or clearly be one that we have no answer to, and one must be answered;
    a part that is merely unclear belongs to the others.
    """
    names = [reading.found.hits[0].entry for reading in readings if answered(reading)]
    told = all(answered(reading) or _clearly_not_ours(reading) for reading in readings)
    return told and 0 < len(names) == len(set(names)) and len(readings) > 1


def answered(reading: Reading) -> bool:
    """Tell whether a reading has an answer."""
    return reading.verdict.decision == "answer"


def _clearly_not_ours(reading: Reading) -> bool:
    verdict = reading.verdict
    return verdict.kind in _TOLD and reading.found.boundaries.get(verdict.decision, 0.0) >= _CLEARLY
