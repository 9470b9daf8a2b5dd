"""The assistant: a fold over turns, ``reply(state, text) -> (state, Answer)``. It keeps nothing between calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from assistant.answer_view import items_of, offered_after
from assistant.answers import Answers
from assistant.calculation.numerals import value_of
from assistant.compose import script
from assistant.decide import Verdict, cries, sends_away
from assistant.dialogue.alone import Reading
from assistant.dialogue.clarify import options_from
from assistant.dialogue.cues import dialogue_cues
from assistant.dialogue.followup import adds_nothing, chosen, instead_of, is_whole, says_tried, says_undo
from assistant.dialogue.meant import fitted
from assistant.dialogue.onward import facts_of, onward
from assistant.dialogue.reading import read_literally, read_turn, worth_asking_back
from assistant.dialogue.several import answered, taken_apart
from assistant.dialogue.state_codec import expired
from assistant.records import Answer, Decision, Option, State
from assistant.suggest import Completer
from assistant.understand import split_questions
from kb.query import shorten
from kb.records import Hit
from kb.search import Searcher
from kb.snapshot import Knowledge
from kb.text import clean, is_han, normalise

_REMEMBERED_TURNS = 6
_LONGEST_MESSAGE = 4000
_MOST_MISSES = 2
_EXAMPLES = 6
_IN_PINYIN, _SUM = "zenme kaitong", "一千五百"
# Kinds of questions that stay what the conversation is about, unanswered.
_OPEN = frozenset({"other_product", "account"})


class Assistant:
    """Answers from one open version of the index. Safe to share between visitors: all state goes in and out.

    Args:
        knowledge: what can be answered with.
        searcher: over the same version.
    """

    def __init__(self, knowledge: Knowledge, searcher: Searcher) -> None:
        self.knowledge = knowledge
        self.searcher = searcher
        self._answers = Answers(knowledge)
        self.examples = tuple(entry.question for entry in knowledge.entries if entry.kind in ("cause", "steps"))[
            :_EXAMPLES
        ]

    @cached_property
    def _completer(self) -> Completer:
        """Made when something is first typed: whoever asks from the command line types nothing ahead."""
        return Completer(self.knowledge.entries)

    def warm(self) -> None:
        """Make now what the first question, the first in pinyin, the first follow-up or the first sum would wait for."""
        fitted(self.searcher.model)
        self.searcher.search_many((_IN_PINYIN, _SUM))
        split_questions(_SUM)
        dialogue_cues()
        value_of(_SUM)
        self.suggest(_IN_PINYIN)

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Complete a question from the standard questions and their other forms."""
        return self._completer.complete(prefix, limit)

    def reply(self, state: State | None, text: str, *, now: float = 0.0) -> tuple[State, Answer]:
        """Answer one turn.

        Args:
            state: what the conversation remembers; None, or one idle for too long, begins afresh.
            text: any Unicode string.
            now: seconds, for expiry.
        """
        known = State() if state is None or expired(state, now) else state
        typed = clean(text)[:_LONGEST_MESSAGE]
        after, answer = self._turn(known, typed)
        return replace(after, at=now), answer

    def _turn(self, state: State, typed: str) -> tuple[State, Answer]:
        if not typed:
            return state, self._answers.blank(typed)
        after = self._after_a_reply(state, typed)
        if after is not None:
            return after
        parts = split_questions(typed)
        if len(parts) > 1 and not any(cries(self.searcher.search(part)) for part in parts):
            several = self._several(state, typed, parts)
            if several is not None:
                return several
        return self._follow(state, typed, typed)

    def _after_a_reply(self, state: State, typed: str) -> tuple[State, Answer] | None:
        """Take a turn as an answer to ours: it picks an option, denies how we understood, or says "no use"."""
        option = self._chosen(state, typed) if state.options else None
        undone = bool(state.undo) and says_undo(normalise(typed))
        given = state.entry in self.knowledge.entry_by_id or state.entry in self.knowledge.section_by_id
        tried = given and says_tried(normalise(typed))
        if option is None and not undone and not tried:
            return None
        found = self.searcher.search(typed)
        if cries(found) or (option is None and not undone and sends_away(found)):
            return None
        if option is not None:
            # a number is of no script
            said = typed if any(map(is_han, typed)) else script(option.question, state.question)
            return self._follow(replace(state, question="", options=(), asked_back=False), said, option.question)
        if undone:
            return self._taken_back(state, typed)
        return self._tried(state, typed)

    def _taken_back(self, state: State, typed: str) -> tuple[State, Answer]:
        """Read what is said instead of what was understood or, where nothing is, the words before by themselves."""
        history, instead = state.history[: state.kept], instead_of(normalise(typed))
        if not instead:
            return self._act(State(history=history), typed, read_literally(self.searcher, state.undo))
        question, entry = history[-1] if history else ("", "")
        return self._follow(State(question=question, entry=entry, history=history), typed, instead)

    def _chosen(self, state: State, typed: str) -> Option | None:
        return chosen(normalise(typed), state.options, whole=is_whole(self.searcher.analyzer.analyse(typed)))

    def _follow(self, state: State, typed: str, question: str) -> tuple[State, Answer]:
        return self._act(state, typed, self._read(state, question))

    def _read(self, state: State, question: str) -> Reading:
        return read_turn(self.searcher, state, question, self.knowledge.entry_by_id)

    def _act(self, state: State, typed: str, reading: Reading) -> tuple[State, Answer]:
        decision = reading.verdict.decision
        if decision == "answer":
            return self._answer(state, typed, reading)
        if decision in ("clarify", "suggest"):
            return self._ask_back(state, typed, reading)
        return self._outside(state, typed, reading)

    def _answer(self, state: State, typed: str, reading: Reading) -> tuple[State, Answer]:
        hit = reading.found.hits[0]
        seen = {name for _, name in state.history}
        following = onward(self.knowledge, hit.entry, reading.found.hits, seen)
        return self._after(state, typed, reading), self._answers.of(hit.entry, reading, typed, following)

    def _after(self, state: State, typed: str, *readings: Reading) -> State:
        """What is remembered of questions that are answered; the next turn may lean on the last of them."""
        told = tuple((shorten(reading.question), reading.found.hits[0].entry) for reading in readings)
        question, name = told[-1]
        history = (*state.history, *told)[-_REMEMBERED_TURNS:]
        return State(
            entry=name,
            question=question,
            offered=self._offered(name),
            typed=shorten(typed),
            undo=_undo(readings[-1], typed),
            kept=max(len(history) - len(told), 0),
            history=history,
        )

    def _offered(self, name: str) -> int:
        entry = self.knowledge.entry_by_id.get(name)
        return offered_after(entry, 0) if entry is not None else 0

    def _several(self, state: State, typed: str, parts: Sequence[str]) -> tuple[State, Answer] | None:
        """Answer each of several questions in one message, or say that it has no answer; None if they are one."""
        readings = [self._read(replace(state, asked_back=False), part) for part in parts]
        if not taken_apart(readings):
            return None
        told = [reading for reading in readings if answered(reading)]
        last = [part for part, reading in zip(parts, readings, strict=True) if answered(reading)][-1]
        after = replace(self._after(state, typed, *told), typed=shorten(last))
        return after, self._answers.of_several(parts, readings, typed)

    def _tried(self, state: State, typed: str) -> tuple[State, Answer]:
        """Answer what is said besides, offer what the entry has left, then the next best entry once, then people."""
        entry = self.knowledge.entry_by_id.get(state.entry)
        silent = adds_nothing(self.searcher.analyzer.analyse(typed))
        said = None if silent or state.misses else self._read(state, typed)
        if said is not None and said.verdict.decision == "answer" and self._is_new(state, said.found.hits[0]):
            after, answer = self._answer(state, typed, said)
            return replace(after, misses=state.misses + 1), answer
        reading = _led_by(read_turn(self.searcher, State(), state.question, self.knowledge.entry_by_id), state.entry)
        state, offered = replace(state, options=(), undo=""), max(state.offered, 0)
        if entry is not None and offered < items_of(entry):
            after = replace(state, offered=offered_after(entry, offered))
            return after, self._answers.rest_of(entry, offered, state, reading, typed)
        other = None if silent or state.misses else self._next_best(state, typed)
        if other is None:
            return replace(state, misses=state.misses + 1), self._hand_over(state, typed, reading, tried=True)
        name = other.found.hits[0].entry
        after = replace(
            state,
            entry=name,
            offered=self._offered(name),
            typed=shorten(typed),
            misses=state.misses + 1,
            history=(*state.history, (state.question, name))[-_REMEMBERED_TURNS:],
        )
        return after, self._answers.of(name, other, typed)

    def _is_new(self, state: State, hit: Hit) -> bool:
        """Tell whether an entry states something that the conversation has not been told."""
        given = _given(state)
        told = {fact for name in given for fact in facts_of(self.knowledge, name)}
        return hit.entry not in given and not (hit.facts and told.issuperset(hit.facts))

    def _next_best(self, state: State, typed: str) -> Reading | None:
        """The question with what was added, led by the likeliest entry that has not been offered yet, if there is one."""
        given, question = _given(state), f"{state.question} {typed}"
        found = self.searcher.search(question)
        least = self.searcher.ranker.cutoffs.answer / 4
        left = [hit.entry for hit in found.hits if hit.entry not in given and hit.probability >= least]
        name = next((name for name in left if name in self.knowledge.entry_by_id), None)
        return _led_by(Reading(question, found, Verdict("answer")), name) if name is not None else None

    def _ask_back(self, state: State, typed: str, reading: Reading) -> tuple[State, Answer]:
        """Ask which reading is meant, once in a row; a second time give the nearest questions; then people."""
        hits = (*worth_asking_back(self.searcher, reading), *reading.found.hits)
        options = options_from(self.knowledge, hits)
        misses = state.misses + (1 if state.asked_back else 0)
        if misses >= _MOST_MISSES:
            after = replace(state, options=(), misses=misses, asked_back=False, undo="")
            return after, self._hand_over(state, typed, reading, tried=False)
        decision: Decision = "clarify" if reading.verdict.decision == "clarify" and not state.asked_back else "suggest"
        answer = self._answers.choice(decision, options, reading, typed)
        after = replace(
            state,
            question=shorten(reading.question),
            entry="",
            options=options,
            asked_back=True,
            misses=misses,
            undo=_undo(reading, typed),
            kept=len(state.history),
        )
        return after, answer

    def _hand_over(self, state: State, typed: str, reading: Reading, *, tried: bool) -> Answer:
        return self._answers.people(reading, typed, _summary(state, typed), tried=tried)

    def _outside(self, state: State, typed: str, reading: Reading) -> tuple[State, Answer]:
        verdict = reading.verdict
        related = self._answers.related(reading)
        summary = _summary(state, typed) if verdict.decision == "handoff" and verdict.kind == "human" else ""
        answer = self._answers.outside(reading, typed, related, summary)
        options = tuple(Option(question, question) for question in related) if verdict.kind == "near" else ()
        undo = _undo(reading, typed)
        after = replace(state, options=options, asked_back=False, undo=undo, kept=len(state.history))
        if verdict.kind in _OPEN:
            # 花呗怎么提额, 帮我看看月付欠多少 have no answer, but what follows is about them: 那月付呢, 那我自己去哪看
            after = replace(after, question=shorten(reading.question), entry="")
        return after, answer


def _given(state: State) -> frozenset[str]:
    """Entries that the conversation has been answered with."""
    return frozenset(name for _, name in state.history) | {state.entry}


def _undo(reading: Reading, typed: str) -> str:
    """What is read by its words alone if the person takes the reading back."""
    return shorten(typed) if reading.inherited else ""


def _led_by(reading: Reading, name: str) -> Reading:
    """The reading with an entry's hit first, so that the entry is told with the probability that it has itself."""
    hits = sorted(reading.found.hits, key=lambda hit: hit.entry != name)
    return replace(reading, found=replace(reading.found, hits=tuple(hits)))


def _summary(state: State, typed: str) -> str:
    """What to tell a human: what was asked before; "" where nothing was."""
    asked = tuple(dict.fromkeys(question for question, _ in state.history))
    return clean(f"我问过：{'、'.join(asked)}；最后一句：{typed}") if asked else ""
