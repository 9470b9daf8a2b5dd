"""Which reading of a turn to answer: the words alone, or joined to what the conversation is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.decide import NONE, Verdict, decide
from assistant.followup import corrected, leans, returns
from assistant.joined import points, readings, without_openers
from assistant.records import State
from assistant.understand import asking_sentence, requests
from kb.query import Mentions, Query
from kb.records import Hit
from kb.search import Found, Searcher
from kb.text import clean

# What the words alone justify whatever the subject was, if they are this sure.
_ALONE_KINDS = frozenset({"human", "insult", "illegal", "injection", "off_topic"})
_SURE = 0.85
# Who asks for his own data is this surely heard (我还欠多少: 0.99); who tells of it is not: 我额度明明够的, 0.89.
_SURE_OF_ACCOUNT = 0.95
# The words alone win over the subject inherited only by a lead.
_LEAD = 0.1
_NEVER = 2.0
# Who says 它 or 这个 means what the conversation is about, unless hardly anything can be made of that.
_POINTS = 0.5
# A story that is answered so surely need not be searched for its asking sentence, which takes as long again.
_CLEAR = 0.95
# Out of its story a sentence loses what it is about. Measured on held-out stories: read alone, those answered from here
# on were right in 13 of 13 cases, the less sure in none of 3.
_CLEARER = 0.85
# Who asks an assistant about one product often leaves its name out. Measured on held-out texts that name no product,
# 1,888 forms and 915 exemplars of boundaries: what stays unanswered, by no clear boundary, is asked again of the subject;
# from 0.85 on that answers 17 forms rightly, none wrongly and 5 exemplars; from 0.75 on 33, 5 and 10.
_UNCLEAR = 0.6
_OF_SUBJECT = 0.85
_LONGEST_OF_SUBJECT = 60
_WORTH_ASKING = 0.3
# Of readings about as likely, the one that keeps more of the conversation. Measured on 247 dialogues: six turns right that
# were not, one no longer.
_CONTEXT = 0.05
# A follow-up asks for something else than what was just answered.
_SAME_AGAIN = 0.3


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


def read_literally(searcher: Searcher, text: str) -> Reading:
    """Read just the words: what somebody means who takes back a reading that held more."""
    return _of_a_story(searcher, _reading(searcher, text))


def read_turn(searcher: Searcher, state: State, text: str, standard: str = "") -> Reading:
    """Choose the reading of a turn.

    Args:
        searcher: over the open version.
        state: what the conversation remembers.
        text: the turn as typed.
        standard: the standard question of the entry answered last; it names the subject where the person did not.
    """
    alone = _reading(searcher, without_openers(text))
    if not state.question or _stands_alone(alone):
        return _of_the_subject(searcher, _of_a_story(searcher, alone))
    turn = alone.found.query
    lead = _POINTS if points(turn) else 0.0 if turn.slots.get("product") else _LEAD
    replaced = corrected(turn.text)
    if replaced:
        turn, lead = searcher.analyzer.analyse(replaced), _NEVER
        before = searcher.analyzer.mentions(state.question, standard)
        texts = (*_corrections(turn, before, state.question), replaced)
    elif state.asked_back:
        texts = (f"{state.question} {text}",)
    elif leans(turn):
        texts = _leaning(searcher, state, turn, standard)
    else:
        return _of_the_subject(searcher, _of_a_story(searcher, alone))
    return _best(state, [_reading(searcher, item, inherited=True) for item in texts], alone, lead=lead)


def _leaning(searcher: Searcher, state: State, turn: Query, standard: str) -> tuple[str, ...]:
    """Readings with the last subject or, where the turn goes back, with the one before it."""
    earlier = [question for question, _ in state.history if question != state.question]
    back = returns(turn.text) and bool(earlier)
    question, standard = (earlier[-1], "") if back else (state.question, standard)
    before = searcher.analyzer.mentions(question, standard)
    contexts = [searcher.analyzer.mentions(text) for text in ((earlier[-1] if earlier else ""), standard)]
    return readings(turn, before, question, contexts, searcher.analyzer.values("product"))


def _reading(searcher: Searcher, question: str, *, inherited: bool = False) -> Reading:
    question = clean(question)  # what a state brings along may come from a browser
    found = searcher.search(question)
    return Reading(question, found, decide(found, searcher.ranker.cutoffs), inherited)


def _stands_alone(reading: Reading) -> bool:
    verdict, masses = reading.verdict, reading.found.boundaries
    mass = masses.get(verdict.decision, 0.0)
    if verdict.decision == "crisis":
        # heard from a small probability on; where another boundary is likelier, the conversation may tell that it was
        # none: told of a swindle, 完了我已经转过去了
        return all(mass >= other for name, other in masses.items() if name != NONE)
    if verdict.kind == "account":
        return requests(reading.question) and mass >= _SURE_OF_ACCOUNT
    return mass >= _SURE and (verdict.decision in ("smalltalk", "privacy") or verdict.kind in _ALONE_KINDS)


def _best(state: State, leaning: Sequence[Reading], alone: Reading, *, lead: float) -> Reading:
    """The likeliest reading that can be answered; the words alone need a lead."""
    context = 0.0 if alone.found.query.slots.get("product") else _CONTEXT
    if alone.verdict.decision == "crisis" and any(reading.verdict.decision == "crisis" for reading in leaning):
        return alone
    pointing = points(alone.found.query)
    scored = [
        (_score(state, reading, pointing=pointing) + context * place, reading) for place, reading in enumerate(leaning)
    ]
    answered = [item for item in scored if item[1].verdict.decision == "answer"]
    if not answered:
        return alone if alone.verdict.decision != "clarify" or not scored else _open(alone, scored[0][1])
    score, likeliest = max(answered, key=lambda item: item[0])
    # the shortest that comes to the same: the next turn leans on it
    reading = next(item for _, item in answered if _entry(item) == _entry(likeliest))
    if alone.verdict.decision != "answer":
        return reading
    # where words that name their product come to the same, nothing had to be added
    same = _entry(alone) == _entry(reading) and alone.found.query.slots.get("product")
    return alone if same or alone.best >= score + lead else reading


def _open(alone: Reading, leaning: Reading) -> Reading:
    """Neither reading is answered: keep the subject if that leaves something to choose from."""
    return leaning if leaning.verdict.decision in ("clarify", "suggest") else alone


def _score(state: State, reading: Reading, *, pointing: bool) -> float:
    again = bool(reading.found.hits) and _entry(reading) == state.entry
    return reading.best - (_SAME_AGAIN if again and not pointing else 0.0)


def _entry(reading: Reading) -> str:
    return reading.found.hits[0].entry


def _corrections(turn: Query, before: Mentions, question: str) -> tuple[str, ...]:
    """A correction names a part of the last question anew: a role, a product, or the whole."""
    if turn.slots.get("role") and not turn.slots.get("action"):
        return (f"{turn.text} {question}",)
    return readings(turn, before, question)


def _of_a_story(searcher: Searcher, reading: Reading) -> Reading:
    """For a long story, the sentence that asks, where that is the clearer question."""
    sentence = asking_sentence(reading.question)
    clear = reading.verdict.decision == "answer" and reading.best >= _CLEAR
    if sentence == reading.question or clear or reading.verdict.decision in ("crisis", "privacy"):
        return reading
    asked = _reading(searcher, sentence)
    clearer = asked.verdict.decision == "answer" and asked.best > max(reading.best, _CLEARER)
    return Reading(sentence, asked.found, asked.verdict) if clearer else reading


def worth_asking_back(searcher: Searcher, reading: Reading) -> tuple[Hit, ...]:
    """What a question that names no product likely asks of the commonest one."""
    asked = _asked_of_subject(searcher, reading)
    return tuple(hit for hit in asked.found.hits if hit.probability >= _WORTH_ASKING) if asked is not None else ()


def _of_the_subject(searcher: Searcher, reading: Reading) -> Reading:
    """For a question that names no product and has no answer, what it asks of the commonest one, if that surely has."""
    verdict = reading.verdict
    unclear = reading.found.boundaries.get(verdict.decision, 0.0) <= _UNCLEAR
    if verdict.decision not in ("refuse", "handoff", "suggest") or not unclear:
        return reading
    asked = _asked_of_subject(searcher, reading)
    sure = asked is not None and asked.verdict.decision == "answer" and asked.best >= _OF_SUBJECT
    return asked if asked is not None and sure else reading


def _asked_of_subject(searcher: Searcher, reading: Reading) -> Reading | None:
    """A short question that names no product, asked of the commonest one; None for any other."""
    query = reading.found.query
    if not searcher.subject or query.slots.get("product") or len(query.text) > _LONGEST_OF_SUBJECT:
        return None
    return _reading(searcher, f"{searcher.subject}{reading.question}", inherited=True)
