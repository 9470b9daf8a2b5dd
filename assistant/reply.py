"""The assistant: a fold over turns, ``reply(state, text) -> (state, Answer)``. It keeps nothing between calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from assistant.citations import Citer
from assistant.clarify import options_from
from assistant.compose import offered_after, render_answer, render_decision, render_part, render_section, script
from assistant.decide import cries
from assistant.followup import adds_nothing, chosen, is_whole, says_tried, says_undo
from assistant.onward import facts_of, onward
from assistant.reading import Reading, read_literally, read_turn, worth_asking_back
from assistant.records import Answer, Candidate, Decision, Option, State
from assistant.several import answered, taken_apart
from assistant.state_codec import expired
from assistant.suggest import Completer
from assistant.trace import trace_of
from assistant.understand import split_questions
from kb.query import shorten
from kb.records import FaqEntry, Hit
from kb.romanised import heard
from kb.search import Searcher
from kb.snapshot import Knowledge
from kb.text import clean, normalise

_REMEMBERED_TURNS = 6
_LONGEST_MESSAGE = 4000
_MOST_MISSES = 2
_FOLLOWUPS = 3
_EXAMPLES = 6


class Assistant:
    """Answers from one open version of the index. Safe to share between visitors: all state goes in and out.

    Args:
        knowledge: what can be answered with.
        searcher: over the same version.
    """

    def __init__(self, knowledge: Knowledge, searcher: Searcher) -> None:
        self.knowledge = knowledge
        self.searcher = searcher
        self._citer = Citer(knowledge)
        self.examples = tuple(entry.question for entry in knowledge.entries if entry.kind in ("cause", "steps"))[
            :_EXAMPLES
        ]

    @cached_property
    def _completer(self) -> Completer:
        """Made when something is first typed: whoever asks from the command line types nothing ahead."""
        return Completer(self.knowledge.entries)

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
            return state, self._plain("refuse", "gibberish", typed)
        after = self._after_a_reply(state, typed)
        if after is not None:
            return after
        parts = split_questions(typed)
        if len(parts) > 1:
            several = self._several(state, typed, parts)
            if several is not None:
                return several
        return self._follow(state, typed, typed)

    def _after_a_reply(self, state: State, typed: str) -> tuple[State, Answer] | None:
        """Take a turn as an answer to ours: it picks an option, denies how we understood, or says "no use"."""
        option = self._chosen(state, typed) if state.options else None
        undone = bool(state.undo) and says_undo(normalise(typed))
        tried = state.entry in self.knowledge.entry_by_id and says_tried(normalise(typed))
        if (option is None and not undone and not tried) or cries(self.searcher.search(typed)):
            return None
        if option is not None:
            return self._follow(replace(state, question="", options=(), asked_back=False), typed, option.question)
        if undone:
            return self._act(State(history=state.history), typed, read_literally(self.searcher, state.undo))
        return self._tried(state, typed)

    def _chosen(self, state: State, typed: str) -> Option | None:
        return chosen(normalise(typed), state.options, whole=is_whole(self.searcher.analyzer.analyse(typed)))

    def _follow(self, state: State, typed: str, question: str) -> tuple[State, Answer]:
        return self._act(state, typed, self._read(state, question))

    def _read(self, state: State, question: str) -> Reading:
        entry = self.knowledge.entry_by_id.get(state.entry)
        return read_turn(self.searcher, state, question, entry.question if entry is not None else "")

    def _act(self, state: State, typed: str, reading: Reading) -> tuple[State, Answer]:
        decision = reading.verdict.decision
        if decision == "answer":
            return self._answer(state, typed, reading)
        if decision in ("clarify", "suggest"):
            return self._ask_back(state, typed, reading)
        return self._outside(state, typed, reading)

    def _answer(self, state: State, typed: str, reading: Reading) -> tuple[State, Answer]:
        hit = reading.found.hits[0]
        text = self._text_of(hit.entry, typed, reading)
        seen = {name for _, name in state.history}
        following = onward(self.knowledge, hit.entry, reading.found.hits, seen)
        answer = self._filled("answer", text, (hit.entry,), reading, typed, followups=following)
        question = shorten(reading.question)
        after = State(
            entry=hit.entry,
            question=question,
            offered=self._offered(hit.entry, 0),
            role=state.role,
            undo=shorten(typed) if reading.inherited else "",
            history=(*state.history, (question, hit.entry))[-_REMEMBERED_TURNS:],
        )
        return after, answer

    def _text_of(self, name: str, typed: str, reading: Reading, skip: int = 0) -> str:
        entry = self.knowledge.entry_by_id.get(name)
        if entry is None:
            section = self.knowledge.section_by_id[name]
            body = self.knowledge.document_by_id[section.document_id].text[section.start : section.end]
            return script(render_section(section.heading_path, body, self._citer.of(name)), typed)
        understood = entry.question if reading.inherited else ""
        return render_answer(
            entry,
            self._citer.of(name),
            typed,
            understood_as=understood,
            skip=skip,
            channels=self._channels(entry.category),
        )

    def _offered(self, name: str, skip: int) -> int:
        entry = self.knowledge.entry_by_id.get(name)
        return offered_after(entry, skip) if entry is not None else 0

    def _several(self, state: State, typed: str, parts: Sequence[str]) -> tuple[State, Answer] | None:
        """Answer each of several questions in one message, or say that it has no answer; None if they are one."""
        readings = [self._read(replace(state, asked_back=False), part) for part in parts]
        if not taken_apart(readings):
            return None
        text = "\n\n---\n\n".join(
            self._part(part, reading, typed) for part, reading in zip(parts, readings, strict=True)
        )
        ours = [reading for reading in readings if answered(reading)]
        after, _ = self._answer(state, typed, ours[-1])
        return after, self._filled("answer", text, tuple(one.found.hits[0].entry for one in ours), ours[0], typed)

    def _part(self, part: str, reading: Reading, typed: str) -> str:
        """What one of several questions gets."""
        if answered(reading):
            return self._text_of(reading.found.hits[0].entry, part, reading)
        verdict = reading.verdict
        return render_part(
            part, render_decision(verdict.decision, verdict.kind, question=part, channels=self._people(reading)), typed
        )

    def _tried(self, state: State, typed: str) -> tuple[State, Answer]:
        """Offer what the entry has left; then the next best entry once; then people."""
        entry = self.knowledge.entry_by_id[state.entry]
        reading = read_turn(self.searcher, State(), state.question)
        offered = max(state.offered, 0)
        if offered < _items(entry):
            channels = self._channels(entry.category)
            text = render_answer(entry, self._citer.of(entry.id), state.question, skip=offered, channels=channels)
            after = replace(state, offered=offered_after(entry, offered), undo="")
            return after, self._filled("answer", script(text, typed), (entry.id,), reading, typed)
        silent = adds_nothing(self.searcher.analyzer.analyse(typed))
        other = None if silent or state.misses else self._next_best(state, typed)
        if other is None:
            return replace(state, misses=state.misses + 1), self._hand_over(state, typed, reading)
        text = self._text_of(other.entry, typed, reading)
        after = replace(
            state,
            entry=other.entry,
            offered=self._offered(other.entry, 0),
            misses=state.misses + 1,
            undo="",
            history=(*state.history, (state.question, other.entry))[-_REMEMBERED_TURNS:],
        )
        return after, self._filled("answer", text, (other.entry,), reading, typed)

    def _next_best(self, state: State, typed: str) -> Hit | None:
        """The likeliest entry, for the question with what was added, that has not been offered yet."""
        offered = {name for _, name in state.history} | {state.entry}
        found = self.searcher.search(f"{state.question} {typed}")
        least = self.searcher.ranker.cutoffs.answer / 4
        left = [hit for hit in found.hits if hit.entry not in offered and hit.probability >= least]
        return next((hit for hit in left if hit.entry in self.knowledge.entry_by_id), None)

    def _ask_back(self, state: State, typed: str, reading: Reading) -> tuple[State, Answer]:
        """Ask which reading is meant, once in a row; a second time give the nearest questions; then people."""
        hits = (*worth_asking_back(self.searcher, reading), *reading.found.hits)
        options = options_from(self.knowledge, hits)
        misses = state.misses + (1 if state.asked_back else 0)
        if misses >= _MOST_MISSES:
            return replace(state, misses=misses, asked_back=False), self._hand_over(state, typed, reading)
        decision: Decision = "clarify" if reading.verdict.decision == "clarify" and not state.asked_back else "suggest"
        suggestions = tuple(option.question for option in options)
        text = render_decision(decision, reading.verdict.kind, question=typed, options=options, suggestions=suggestions)
        answer = self._filled(decision, text, (), reading, typed, followups=suggestions, options=options)
        after = replace(
            state,
            question=shorten(reading.question),
            entry="",
            options=options,
            asked_back=True,
            misses=misses,
            undo="",
        )
        return after, answer

    def _hand_over(self, state: State, typed: str, reading: Reading) -> Answer:
        return self._filled(
            "handoff",
            render_decision(
                "handoff", "misses", question=typed, summary=_summary(state, typed), channels=self._people(reading)
            ),
            (),
            reading,
            typed,
        )

    def _outside(self, state: State, typed: str, reading: Reading) -> tuple[State, Answer]:
        verdict = reading.verdict
        related = (
            self._related(reading) if verdict.decision in ("refuse", "handoff") and verdict.kind in _RELATED else ()
        )
        near = verdict.kind == "near" and bool(related)
        kind = "missing_detail" if verdict.kind == "near" and not near else verdict.kind
        summary = _summary(state, typed) if verdict.decision == "handoff" and verdict.kind == "human" else ""
        text = render_decision(
            verdict.decision,
            kind,
            question=typed,
            suggestions=related,
            summary=summary,
            channels=self._people(reading),
        )
        answer = self._filled(verdict.decision, text, (), reading, typed, followups=related)
        options = tuple(Option(question, question) for question in related) if near else ()
        after = replace(state, options=options, asked_back=False, undo="")
        if verdict.kind in _OPEN:
            # 花呗怎么提额, 帮我看看月付欠多少 have no answer, but what follows is about them: 那月付呢, 那我自己去哪看
            after = replace(after, question=shorten(reading.question), entry="")
        return after, answer

    def _related(self, reading: Reading) -> tuple[str, ...]:
        entries = self.knowledge.entry_by_id
        hits = [hit for hit in reading.found.hits if hit.entry in entries and hit.probability >= _RELATED_FROM]
        return tuple(entries[hit.entry].question for hit in hits[:_FOLLOWUPS])

    def _people(self, reading: Reading) -> tuple[str, ...]:
        """Whom to ask about what a reading is nearest to."""
        entries = self.knowledge.entry_by_id
        nearest = next((entries[hit.entry] for hit in reading.found.hits if hit.entry in entries), None)
        return self._channels(nearest.category if nearest is not None else "")

    def _channels(self, category: str) -> tuple[str, ...]:
        return self.knowledge.channels.of(category)

    def _plain(self, decision: Decision, kind: str, typed: str) -> Answer:
        return Answer(decision, render_decision(decision, kind, question=typed, channels=self._channels("")))

    def _filled(
        self,
        decision: Decision,
        text: str,
        names: tuple[str, ...],
        reading: Reading,
        typed: str,
        *,
        followups: tuple[str, ...] = (),
        options: tuple[Option, ...] = (),
    ) -> Answer:
        found = reading.found
        citations = tuple(citation for name in names for citation in self._citer.of(name))
        return Answer(
            decision=decision,
            text=text,
            entries=names,
            facts=tuple(dict.fromkeys(fact for name in names for fact in facts_of(self.knowledge, name))),
            citations=citations,
            confidence=reading.best,
            understood_as=reading.question if reading.inherited else heard(typed, found.query),
            candidates=tuple(Candidate(hit.entry, hit.facts, hit.probability) for hit in found.hits),
            followups=tuple(script(item, typed) for item in followups),
            options=options,
            trace=trace_of(reading),
        )


# What is less likely meant than this has nothing to do with the question.
_RELATED_FROM = 0.03
# Kinds of questions that stay what the conversation is about, unanswered.
_OPEN = frozenset({"other_product", "account"})
# Kinds after which the nearest questions are worth offering; nothing follows a cry for help or an injection.
_RELATED = frozenset({"none", "near", "other_product", "missing_detail"})


def _items(entry: FaqEntry) -> int:
    return len(entry.answer.causes) or len(entry.answer.steps)


def _summary(state: State, typed: str) -> str:
    """What to tell a human: what was asked before; "" where nothing was."""
    asked = tuple(dict.fromkeys(question for question, _ in state.history))
    return clean(f"我问过：{'、'.join(asked)}；最后一句：{typed}") if asked else ""
