"""Why a reply came out as it did, in plain data: for staff, logs and evaluation."""

from __future__ import annotations

from assistant.dialogue.alone import Reading


def trace_of(reading: Reading) -> dict[str, object]:
    """The question as searched, the masses of the decisions and the features of the best hit."""
    found = reading.found
    return {
        "query": found.query.text,
        "words": list(found.query.words),
        "slots": {slot: sorted(values) for slot, values in found.query.slots.items()},
        "answerable": round(found.answerable, 4),
        "boundaries": {name: round(mass, 4) for name, mass in found.boundaries.items()},
        "kind": reading.verdict.kind,
        "features": {name: round(value, 4) for name, value in found.hits[0].features.items()} if found.hits else {},
    }
