"""Unanswered questions that ask for the same thing, brought together by the encoder the index is searched with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assistant.decide import decide
from assistant.history import Turn
from kb.dense import Vectors
from kb.search import Found, Searcher
from kb.text import exact_key
from kb.units import UnitKind

MOST_QUESTIONS = 600
# Two questions about different things are less alike than this, or almost never more: a share of all such pairs.
_STRANGERS = 0.995
_SAMPLE = 250
_LEAST, _MOST = 0.4, 0.9
# Too few entries have no such tail to measure.
_FEWEST, _USUAL = 30, 0.6
# Kinds of boundaries that ask for people, not for knowledge: the inbox has them.
_FOR_PEOPLE = frozenset({"human", "insult"})
# An entry this likely is worth offering for the questions as its alternates.
_NEAR = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with how often and when it was last asked, in seconds since 1970."""

    question: str
    times: int
    last: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that ask for the same thing.

    Attributes:
        questions: the most asked first; the first stands for all.
        nearest: id of the FAQ entry they may be alternates of, "" if none comes near.
        probability: of the nearest entry.
        boundary: what the questions look like where that outweighs the knowledge ("other_product" …), else "".
    """

    questions: tuple[Asked, ...]
    nearest: str
    probability: float
    boundary: str

    @property
    def times(self) -> int:
        """How often it was asked in all."""
        return sum(asked.times for asked in self.questions)

    @property
    def key(self) -> str:
        """Name it by what it asks, so that it can be dismissed."""
        return exact_key(self.questions[0].question)


def gathered(turns: Iterable[Turn], missed: Iterable[tuple[str, float]] = ()) -> tuple[Asked, ...]:
    """Count unanswered questions, those that differ in punctuation only as one; the most asked first.

    Args:
        turns: without an answer or with one that did not help, newest first.
        missed: questions for which staff found nothing, each with its time.
    """
    found: dict[str, Asked] = {}
    for question, at in (*((turn.question, turn.at) for turn in turns), *missed):
        key = exact_key(question)
        if key:
            old = found.get(key, Asked(question, 0, 0.0))
            found[key] = Asked(old.question, old.times + 1, max(old.last, at))
    return tuple(sorted(found.values(), key=lambda asked: (-asked.times, -asked.last))[:MOST_QUESTIONS])


@lru_cache(maxsize=1)
def clusters(asked: tuple[Asked, ...], searcher: Searcher) -> tuple[Cluster, ...]:
    """Bring questions together that the index which serves now still does not answer.

    The last result is kept: pages ask for it again after every press of a button.

    Args:
        asked: the most asked first.
        searcher: over the version that serves.

    Returns:
        Clusters for the knowledge first, then those that look like a boundary; the most asked first.
    """
    found = searcher.search_many([item.question for item in asked])
    open_ = [at for at, item in enumerate(found) if decide(item, searcher.ranker.cutoffs).decision != "answer"]
    if not open_:
        return ()
    vectors = searcher.vectors([asked[at].question for at in open_])
    groups = group(vectors, strangers(searcher))
    kinds = {unit.id: unit.kind for unit in searcher.index.units}
    made = [_cluster([open_[at] for at in members], asked, found, kinds) for members in groups]
    kept = [cluster for cluster in made if cluster.boundary not in _FOR_PEOPLE]
    return tuple(sorted(kept, key=lambda cluster: (bool(cluster.boundary), -cluster.times)))


def still_open(found: Iterable[Cluster], dismissed: Collection[str], forms: Collection[str]) -> tuple[Cluster, ...]:
    """Leave out clusters that nobody wants to see, and those whose every question a draft has as a form by now."""
    return tuple(
        cluster
        for cluster in found
        if cluster.key not in dismissed and not all(asked.question in forms for asked in cluster.questions)
    )


def group(vectors: Vectors, least: float) -> list[list[int]]:
    """Group rows greedily: each joins the group whose mean it is nearest to, if its cosine is at least ``least``.

    Args:
        vectors: (n, d), L2-normalised; earlier rows found groups.
        least: of the cosine.

    Returns:
        Row numbers of each group, in order of their first row.
    """
    sums = np.zeros((0, vectors.shape[1]), dtype=np.float32)
    members: list[list[int]] = []
    for at, vector in enumerate(vectors):
        if members:
            cosines = (sums @ vector) / np.linalg.norm(sums, axis=1)
            best = int(np.argmax(cosines))
            if cosines[best] >= least:
                members[best].append(at)
                sums[best] += vector
                continue
        members.append([at])
        sums = np.vstack([sums, vector[None]])
    return members


@lru_cache(maxsize=1)
def strangers(searcher: Searcher) -> float:
    """Cosine that two questions about different things hardly ever reach, measured on the entries' own questions."""
    labels = [unit.label for unit in searcher.index.units if unit.kind == UnitKind.FAQ]
    sample = labels[:: max(1, len(labels) // _SAMPLE)][:_SAMPLE]
    if len(sample) < _FEWEST:
        return _USUAL
    vectors = searcher.vectors(sample)
    cosines = (vectors @ vectors.T)[np.triu_indices(len(sample), 1)]
    return float(np.clip(np.quantile(cosines, _STRANGERS), _LEAST, _MOST))


def _cluster(
    members: Sequence[int], asked: Sequence[Asked], found: Sequence[Found], kinds: Mapping[str, UnitKind]
) -> Cluster:
    chances: dict[str, float] = {}
    for at in members:
        for hit in found[at].hits:
            if kinds.get(hit.entry) == UnitKind.FAQ:
                chances[hit.entry] = chances.get(hit.entry, 0.0) + hit.probability / len(members)
    nearest = max(chances, key=lambda name: chances[name], default="")
    probability = chances.get(nearest, 0.0)
    return Cluster(
        tuple(asked[at] for at in members),
        nearest if probability >= _NEAR else "",
        probability,
        _boundary([found[at] for at in members]),
    )


def _boundary(found: Sequence[Found]) -> str:
    """Kind of the boundary that outweighs the knowledge in most of the questions; "" if none does."""
    kinds = []
    for item in found:
        masses = {name: mass for name, mass in item.boundaries.items() if name != "none"}
        top = max(masses, key=lambda name: masses[name], default="")
        if top and masses[top] > max(item.answerable, item.boundaries.get("none", 0.0)):
            kinds.append(item.kinds.get(top) or top)
    return max(set(kinds), key=kinds.count) if len(kinds) * 2 > len(found) else ""
