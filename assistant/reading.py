"""Which reading of a turn to answer: the words alone, or joined to what the conversation is about."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.decide import Verdict, decide
from assistant.followup import corrected, joined, leans
from assistant.records import State
from assistant.understand import asking_sentence
from kb.search import Found, Searcher

# Decisions that the words alone justify, whatever the subject was.
_ALONE = frozenset({"crisis", "smalltalk", "privacy"})
_ALONE_KINDS = frozenset({"human", "insult", "illegal", "injection"})
_SURE = 0.6
# What follows a clear lead of the words alone is a change of subject.
_LEAD = 0.3


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a turn: the question it amounts to, what search says, what to do.

    ``inherited`` tells whether the question holds more than was typed.
    """

    question: str
    found: Found
    verdict: Verdict
    inherited: bool = False

    @property
    def best(self) -> float:
        """Probability of the best entry."""
        return self.found.hits[0].probability if self.found.hits else 0.0


def read_turn(searcher: Searcher, state: State, text: str) -> Reading:
    """Choose the reading of a turn."""
    alone = _reading(searcher, text)
    if _stands_alone(alone) or not state.question:
        return _of_a_story(searcher, alone)
    replaced = corrected(alone.found.query.text)
    if replaced:
        return _best(_read_correction(searcher, state, replaced), alone, lead=1.0)
    if state.asked_back:
        return _best(_reading(searcher, f"{state.question} {text}", inherited=True), alone, lead=_LEAD)
    if not leans(alone.found.query):
        return _of_a_story(searcher, alone)
    before = searcher.analyzer.analyse(state.question)
    return _best(_reading(searcher, joined(alone.found.query, before), inherited=True), alone, lead=_LEAD)


def _reading(searcher: Searcher, question: str, *, inherited: bool = False) -> Reading:
    found = searcher.search(question)
    return Reading(question, found, decide(found, searcher.ranker.cutoffs), inherited)


def _stands_alone(reading: Reading) -> bool:
    verdict = reading.verdict
    if verdict.decision in _ALONE or verdict.kind in _ALONE_KINDS:
        return True
    return False


def _best(leaning: Reading, alone: Reading, *, lead: float) -> Reading:
    """The leaning reading, unless the words alone say something clearly better."""
    if alone.verdict.decision == "answer" and alone.best >= leaning.best + lead:
        return alone
    if leaning.verdict.decision in ("refuse", "handoff") and alone.verdict.decision == "answer":
        return alone
    return leaning


def _read_correction(searcher: Searcher, state: State, replaced: str) -> Reading:
    """A correction names a part of the last question anew: a role, a product, or the whole."""
    turn, before = searcher.analyzer.analyse(replaced), searcher.analyzer.analyse(state.question)
    if turn.slots.get("role") and not turn.slots.get("action"):
        return _reading(searcher, f"{replaced} {state.question}", inherited=True)
    return _reading(searcher, joined(turn, before), inherited=True)


def _of_a_story(searcher: Searcher, reading: Reading) -> Reading:
    """For a long story, the sentence that asks, where that is the clearer question."""
    sentence = asking_sentence(reading.question)
    if sentence == reading.question or reading.verdict.decision == "crisis":
        return reading
    asked = _reading(searcher, sentence)
    clearer = asked.verdict.decision == "answer" and asked.best > reading.best and reading.verdict.decision != "privacy"
    return Reading(sentence, asked.found, asked.verdict) if clearer else reading
