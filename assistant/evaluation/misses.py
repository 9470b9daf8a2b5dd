"""The questions that went wrong, the worst first, with what the ranking saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.evaluation.names import DECISION_NAMES, PART_NAMES
from assistant.evaluation.outcomes import Outcome

Explain = Callable[[str], Mapping[str, float]]
_FEATURES = 4


@dataclass(frozen=True, slots=True)
class Miss:
    """One wrong reply, in words for people.

    Attributes:
        id, part, question: which one.
        gold: what was wanted.
        got: what came instead.
        probability: of the top candidate.
        reason: where the right entry stood, and the largest features of the top candidate where they are known.

    """

    id: str
    part: str
    question: str
    gold: str
    got: str
    probability: float
    reason: str


def worst_misses(outcomes: Sequence[Outcome], explain: Explain | None = None, most: int = 20) -> tuple[Miss, ...]:
    """List the worst wrong replies: missed crises and privacy first, then wrong answers by probability, then the rest.

    Args:
        outcomes: of one run.
        explain: question → features (or contributions) of its top candidate; the reply's trace by default.
        most: how many.

    """
    wrong = sorted((outcome for outcome in outcomes if not outcome.correct), key=_badness)
    return tuple(_miss(outcome, explain) for outcome in wrong[:most])


def _badness(outcome: Outcome) -> tuple[bool, bool, float, str]:
    return not _grave(outcome), outcome.answer.decision != "answer", -outcome.probability, outcome.id


def _grave(outcome: Outcome) -> bool:
    """Tell whether a wrong reply can do harm: a crisis passed over, knowledge offered about a person's data."""
    return outcome.expect == "crisis" or (outcome.expect == "privacy" and not outcome.refused)


def _miss(outcome: Outcome, explain: Explain | None) -> Miss:
    return Miss(
        id=outcome.id,
        part=PART_NAMES[outcome.part],
        question=outcome.question,
        gold=_gold(outcome),
        got=_got(outcome),
        probability=outcome.probability,
        reason=_reason(outcome, explain),
    )


def _gold(outcome: Outcome) -> str:
    decision = DECISION_NAMES.get(outcome.expect, outcome.expect)
    wanted = "、".join(sorted(outcome.gold.facts | outcome.gold.entries))
    return " ".join(part for part in (decision, wanted) if part) or "不作答"


def _got(outcome: Outcome) -> str:
    decision = DECISION_NAMES.get(outcome.answer.decision, outcome.answer.decision)
    top = outcome.answer.entries[:1] or tuple(item.entry for item in outcome.answer.candidates[:1])
    return " ".join((decision, *top))


def _reason(outcome: Outcome, explain: Explain | None) -> str:
    features = explain(outcome.question) if explain is not None else trace_features(outcome.answer.trace)
    largest = sorted(features.items(), key=lambda item: -abs(item[1]))[:_FEATURES]
    listed = "，".join(f"{name} {value:.2f}" for name, value in largest if value)
    return "；".join(part for part in (_place(outcome), listed) if part)


def _place(outcome: Outcome) -> str:
    if not outcome.gold:
        return ""
    return f"正确条目排第 {outcome.rank}" if outcome.rank else "正确条目不在前十"


def trace_features(trace: object) -> Mapping[str, float]:
    """Find the first mapping of numbers called ``features`` anywhere in a reply's trace; empty if there is none."""
    if isinstance(trace, Mapping):
        found = trace.get("features")
        if isinstance(found, Mapping):
            return {str(name): float(value) for name, value in found.items() if isinstance(value, int | float)}
        inner: Sequence[object] = list(trace.values())
    else:
        inner = trace if isinstance(trace, list | tuple) else ()
    return next((features for part in inner if (features := trace_features(part))), {})
