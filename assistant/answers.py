"""Answers in full: the text that a decision comes to, its sources, and what may be asked next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.citations import Citer
from assistant.compose import render_answer, render_decision, render_part, render_section, script
from assistant.dialogue.alone import Reading
from assistant.dialogue.onward import facts_of
from assistant.dialogue.several import answered
from assistant.records import Answer, Candidate, Decision, Option, State
from assistant.trace import trace_of
from kb.records import FaqEntry
from kb.romanised import heard
from kb.snapshot import Knowledge

_MOST_RELATED = 3
# What is less likely meant than this has nothing to do with the question.
_RELATED_FROM = 0.03
# Kinds after which the nearest questions are worth offering; nothing follows a cry for help or an injection.
_RELATED = frozenset({"none", "near", "other_product", "missing_detail"})


class Answers:
    """Makes answers of readings, from one version of the knowledge. Holds nothing of a conversation.

    Everywhere, ``typed`` is what the person wrote: it decides the script of what is written back.

    Args:
        knowledge: what is answered with.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._citer = Citer(knowledge)

    def blank(self, typed: str) -> Answer:
        """The answer to nothing."""
        return Answer("refuse", render_decision("refuse", "gibberish", question=typed, channels=self._channels("")))

    def of(self, name: str, reading: Reading, typed: str, followups: tuple[str, ...] = ()) -> Answer:
        """Answer with an entry or a section."""
        return self._filled("answer", self._text(name, typed, reading), (name,), reading, typed, followups=followups)

    def rest_of(self, entry: FaqEntry, skip: int, state: State, reading: Reading, typed: str) -> Answer:
        """Answer with what the entry answered last has after its first ``skip`` causes or steps, in the same order."""
        text = render_answer(
            entry,
            self._citer.of(entry.id),
            state.typed,
            about=state.question,
            skip=skip,
            channels=self._channels(entry.category),
        )
        return self._filled("answer", script(text, typed), (entry.id,), reading, typed)

    def of_several(self, parts: Sequence[str], readings: Sequence[Reading], typed: str) -> Answer:
        """Answer several questions one under the other, of which at least one has an answer."""
        text = "\n\n---\n\n".join(
            self._part(part, reading, typed) for part, reading in zip(parts, readings, strict=True)
        )
        ours = [reading for reading in readings if answered(reading)]
        answer = self._filled("answer", text, tuple(one.found.hits[0].entry for one in ours), ours[0], typed)
        return replace(answer, understood_as="")  # each part stands under its own question

    def choice(self, decision: Decision, options: tuple[Option, ...], reading: Reading, typed: str) -> Answer:
        """Ask which of some questions is meant."""
        questions = tuple(option.question for option in options)
        text = render_decision(decision, reading.verdict.kind, question=typed, options=options, suggestions=questions)
        return self._filled(decision, text, (), reading, typed, followups=questions, options=options)

    def people(self, reading: Reading, typed: str, summary: str, *, tried: bool) -> Answer:
        """Hand over to people: all that helps was ``tried``, or nothing was understood; ``summary`` is what to tell them."""
        channels = self._whom(reading)
        text = render_decision(
            "handoff", "tried" if tried else "misses", question=typed, summary=summary, channels=channels
        )
        return self._filled("handoff", text, (), reading, typed)

    def outside(self, reading: Reading, typed: str, related: tuple[str, ...], summary: str) -> Answer:
        """Say why a question has no answer here, and whom to ask; ``related`` are the nearest questions."""
        verdict = reading.verdict
        text = render_decision(
            verdict.decision,
            "missing_detail" if verdict.kind == "near" and not related else verdict.kind,
            question=typed,
            suggestions=related,
            summary=summary,
            channels=self._whom(reading),
        )
        return self._filled(verdict.decision, text, (), reading, typed, followups=related)

    def related(self, reading: Reading) -> tuple[str, ...]:
        """The standard questions nearest to what has no answer, where offering them helps."""
        verdict, entries = reading.verdict, self._knowledge.entry_by_id
        if verdict.decision not in ("refuse", "handoff") or verdict.kind not in _RELATED:
            return ()
        hits = [hit for hit in reading.found.hits if hit.entry in entries and hit.probability >= _RELATED_FROM]
        return tuple(entries[hit.entry].question for hit in hits[:_MOST_RELATED])

    def _text(self, name: str, typed: str, reading: Reading) -> str:
        entry = self._knowledge.entry_by_id.get(name)
        if entry is None:
            section = self._knowledge.section_by_id[name]
            body = self._knowledge.document_by_id[section.document_id].text[section.start : section.end]
            return script(render_section(section.heading_path, body, self._citer.of(name)), typed)
        return render_answer(
            entry,
            self._citer.of(name),
            typed,
            about=reading.question,
            understood_as=entry.question if reading.inherited else "",
            channels=self._channels(entry.category),
        )

    def _part(self, part: str, reading: Reading, typed: str) -> str:
        """What one of several questions gets."""
        if answered(reading):
            return self._text(reading.found.hits[0].entry, part, reading)
        verdict = reading.verdict
        text = render_decision(verdict.decision, verdict.kind, question=part, channels=self._whom(reading))
        return render_part(part, text, typed)

    def _whom(self, reading: Reading) -> tuple[str, ...]:
        """Whom to ask about what a reading is nearest to."""
        entries = self._knowledge.entry_by_id
        nearest = next((entries[hit.entry] for hit in reading.found.hits if hit.entry in entries), None)
        return self._channels(nearest.category if nearest is not None else "")

    def _channels(self, category: str) -> tuple[str, ...]:
        return self._knowledge.channels.of(category)

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
        return Answer(
            decision=decision,
            text=text,
            entries=names,
            facts=tuple(dict.fromkeys(fact for name in names for fact in facts_of(self._knowledge, name))),
            citations=tuple(citation for name in names for citation in self._citer.of(name)),
            confidence=reading.best,
            understood_as=reading.question if reading.inherited else heard(reading.question, found.query),
            candidates=tuple(Candidate(hit.entry, hit.facts, hit.probability) for hit in found.hits),
            followups=tuple(script(item, typed) for item in followups),
            options=tuple(Option(script(item.label, typed), script(item.question, typed)) for item in options),
            trace=trace_of(reading),
        )
