"""Which reading of a turn to answer: the words alone, or joined to what the conversation is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.decide import Verdict, decide
from assistant.dialogue.alone import Reading, both_cry, presumes, says_all, stands_alone
from assistant.dialogue.followup import corrected, returns
from assistant.dialogue.joined import names_only, readings, without_openers
from assistant.dialogue.meant import MEANT_FROM, Pool, fitted, meant, pooled
from assistant.dialogue.products import Senses
from assistant.records import State
from assistant.understand import asking_sentence
from kb.query import Mentions, Query, shorten
from kb.records import FaqEntry, Hit
from kb.search import Searcher
from kb.text import clean

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


def read_literally(searcher: Searcher, text: str) -> Reading:
    """Read just the words: what somebody means who takes back a reading that held more."""
    reading = _of_a_story(searcher, _reading(searcher, text))
    faint = presumes(reading) and not stands_alone(reading)
    return replace(reading, verdict=Verdict("suggest")) if faint else reading


def read_turn(searcher: Searcher, state: State, text: str, entries: Mapping[str, FaqEntry]) -> Reading:
    """Choose the reading of a turn.

    Args:
        searcher: over the open version.
        state: what the conversation remembers.
        text: the turn as typed.
        entries: all entries by their ids; what the last one is about names the subject where the person did not.
    """
    alone, leaning = read_in_context(searcher, state, text, entries)
    if not leaning:
        return _of_the_subject(searcher, _of_a_story(searcher, alone))
    if both_cry(alone, leaning):
        return alone
    hits = meant(choices_of(searcher, alone, leaning, state, entries), fitted(searcher.model))
    if hits and hits[0].probability >= MEANT_FROM:
        return _resting(alone, leaning, hits)
    if alone.verdict.decision in ("answer", "clarify") or presumes(alone):
        return _open(alone, leaning[0])
    return _of_a_story(searcher, alone)


def read_in_context(
    searcher: Searcher, state: State, text: str, entries: Mapping[str, FaqEntry]
) -> tuple[Reading, list[Reading]]:
    """Read a turn by its words alone, and joined to what the conversation is about, the fullest reading last.

    There is none of the latter where nothing was talked about, or where the words need nothing beside them.
    """
    alone = _reading(searcher, without_openers(text))
    if not state.question or stands_alone(alone):
        return alone, []
    state = replace(state, question=shorten(state.question))  # it may come from a browser
    last = entries.get(state.entry)
    standard = last.question if last is not None else ""
    before = searcher.analyzer.mentions(state.question, standard)
    if says_all(alone, entries, before, searcher.subject):
        return alone, []
    replaced = corrected(alone.found.query.text)
    if replaced:
        alone = _reading(searcher, replaced, inherited=True)
        texts = _corrections(searcher, alone.found.query, before, state.question)
    elif state.asked_back:
        texts = (f"{state.question} {text}",)
    else:
        texts = _leaning(searcher, state, alone.found.query, standard)
    leaning = [_reading(searcher, item, inherited=True) for item in texts]
    return alone, [reading for reading in leaning if reading.found.query.key != alone.found.query.key]


def choices_of(
    searcher: Searcher, alone: Reading, leaning: Sequence[Reading], state: State, entries: Mapping[str, FaqEntry]
) -> Pool:
    """The entries that a turn may mean, by what :func:`read_in_context` made of it.

    Where it names a product and nothing else, its words alone say nothing. There must be a reading that leans.
    """
    told = leaning[-1] if names_only(alone.found.query) else alone
    choices = pooled(told.found, [reading.found for reading in leaning], state, entries)
    if told.found.vector is None or not choices.hits:
        return choices
    means = searcher.means([state.entry, *(hit.entry for hit in choices.hits)])
    return replace(choices, senses=Senses(told.found.vector, before=means[0], entries=means[1:]))


def _leaning(searcher: Searcher, state: State, turn: Query, standard: str) -> tuple[str, ...]:
    """Readings with the last subject or, where the turn goes back, with the one before it."""
    earlier = [shorten(question) for question, _ in state.history if question != state.question]
    back = returns(turn.text) and bool(earlier)
    question, standard = (earlier[-1], "") if back else (state.question, standard)
    before = searcher.analyzer.mentions(question, standard)
    contexts = [searcher.analyzer.mentions(text) for text in ((earlier[-1] if earlier else ""), standard)]
    return readings(turn, before, question, contexts, searcher.analyzer.values("product"))


def _reading(searcher: Searcher, question: str, *, inherited: bool = False) -> Reading:
    question = clean(question)  # what a state brings along may come from a browser
    found = searcher.search(question)
    return Reading(question, found, decide(found, searcher.ranker.cutoffs), inherited)


def _resting(alone: Reading, leaning: Sequence[Reading], hits: tuple[Hit, ...]) -> Reading:
    """The reading that an answer rests on: the shortest that comes to it, for the next turn leans on that.

    The words alone do where they come to it and name their product, or where no other comes to it.
    """
    name = hits[0].entry
    own = _comes_to(alone, name)
    named = own and alone.found.query.slots.get("product") and not names_only(alone.found.query)
    fuller = [reading for reading in leaning if _comes_to(reading, name)]
    nearest = max(leaning, key=lambda reading: _probability(reading, name))
    reading = alone if named or (own and not fuller) else fuller[0] if fuller else nearest
    return replace(reading, found=replace(reading.found, hits=hits), verdict=Verdict("answer"))


def _comes_to(reading: Reading, name: str) -> bool:
    return bool(reading.found.hits) and reading.found.hits[0].entry == name


def _probability(reading: Reading, name: str) -> float:
    return next((hit.probability for hit in reading.found.hits if hit.entry == name), 0.0)


def _open(alone: Reading, leaning: Reading) -> Reading:
    """No entry is meant surely: keep the subject if that leaves something to choose from.

    Where it does not, a cry for help is heeded, however faint; who told of his account is asked what he wants.
    """
    reading = leaning if leaning.verdict.decision in ("answer", "clarify", "suggest") else alone
    choose = reading.verdict.decision == "answer" or (presumes(reading) and reading.verdict.decision != "crisis")
    return replace(reading, verdict=Verdict("suggest")) if choose else reading


def _corrections(searcher: Searcher, turn: Query, before: Mentions, question: str) -> tuple[str, ...]:
    """A correction names a part of the last question anew: a role, a product, or the whole."""
    if turn.slots.get("role") and not turn.slots.get("action"):
        return (f"{turn.text} {question}",)
    return readings(turn, before, question, products=searcher.analyzer.values("product"))


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
