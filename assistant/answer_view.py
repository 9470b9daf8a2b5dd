"""What an answer template shows: which causes or steps, in which order, and the worked calculation."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.calculation.formulas import Worked
from assistant.calculation.worked import Missing, work
from assistant.cues import cues
from assistant.records import Citation
from kb.errors import CorpusError, UsageError
from kb.records import Cause, FaqEntry
from kb.text import normalise

CAUSES_AT_ONCE = 3
_OPENING = re.compile("[，。；：！]")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnswerView:
    """Values of an answer template.

    Attributes:
        entry: what is answered from.
        causes: causes to show, likeliest first.
        steps: steps to show.
        first: number of the first item shown.
        left: how many items are kept for later.
        cue: word of the question that made the first cause the likely one, "" if none.
        worked: lines of a calculation with the user's numbers.
        missing: numbers that the calculation still wants.
        problem: why the user's numbers cannot be used.
        citations: numbered sources.
        understood_as: the question as understood.
        despite: it was asked why something does not work, and the answer is that it does.
        skip: how many items were offered before.
    """

    entry: FaqEntry
    causes: tuple[Cause, ...]
    steps: tuple[str, ...]
    first: int
    left: int
    cue: str
    worked: tuple[str, ...]
    missing: tuple[str, ...]
    problem: str
    citations: tuple[Citation, ...]
    understood_as: str
    despite: bool
    skip: int


def view_of(
    entry: FaqEntry,
    citations: Sequence[Citation],
    question: str,
    *,
    about: str = "",
    understood_as: str = "",
    skip: int = 0,
) -> AnswerView:
    """Choose and order what the reply shows; the arguments are those of :func:`assistant.compose.render_answer`."""
    causes, cue = likely_first(entry, question, about)
    stop = offered_after(entry, skip)
    worked, missing, problem = _calculation(entry, question)
    return AnswerView(
        entry=entry,
        causes=causes[skip:stop],
        steps=() if causes and skip else entry.answer.steps[skip:],
        first=skip + 1,
        left=max(items_of(entry) - stop, 0),
        cue="" if skip else cue,
        worked=worked,
        missing=missing,
        problem=problem,
        citations=tuple(citations),
        understood_as=understood_as or ("" if skip else _restated(entry, question)),
        despite=not skip and _says_yes(entry) and _asks_why_not(question),
        skip=skip,
    )


def offered_after(entry: FaqEntry, skip: int = 0) -> int:
    """How many causes or steps have been offered once a reply with this ``skip`` is out.

    Causes come three at a time, and a last single one is not kept back; steps come all at once.
    """
    total = items_of(entry)
    if not entry.answer.causes:
        return total
    stop = skip + CAUSES_AT_ONCE
    return total if stop + 1 >= total else stop


def likely_first(entry: FaqEntry, question: str, about: str = "") -> tuple[tuple[Cause, ...], str]:
    """Order the causes: those first whose cues the question, as typed or understood, names; give the cue that decided.

    A cue that the entry's own question contains tells nothing, and neither does a denied one (没逾期).
    """
    if not entry.answer.causes:
        return (), ""
    text, own = f"{normalise(question)} {normalise(about)}", normalise(entry.question)
    named = [[cue for cue in cause.when if _names(text, normalise(cue), own)] for cause in entry.answer.causes]
    order = sorted(range(len(named)), key=lambda index: -len(named[index]))
    cue = named[order[0]][0] if order and named[order[0]] else ""
    return tuple(entry.answer.causes[index] for index in order), cue


def _names(text: str, cue: str, own: str) -> bool:
    if not cue or cue in own:
        return False
    start = loosely_at(text, cue)
    return start >= 0 and not text[:start].endswith(cues().negators)


def loosely_at(text: str, cue: str) -> int:
    """Where a cue, at least a character, first stands in a text; -1 where it does not.

    From three characters on there may be up to two others at one place: 换手机 stands in 换了新手机.
    """
    start = text.find(cue[0])
    while start >= 0 and not _stands_at(text, cue, start):
        start = text.find(cue[0], start + 1)
    return start


def _stands_at(text: str, cue: str, start: int) -> bool:
    if text.startswith(cue, start):
        return True
    for split in range(1, len(cue) if len(cue) > 2 else 1):
        if text[start + split - 1 : start + split] != cue[split - 1]:
            return False
        rest = cue[split:]
        if text.startswith(rest, start + split + 1) or text.startswith(rest, start + split + 2):
            return True
    return False


def items_of(entry: FaqEntry) -> int:
    """How many causes, or steps where there are none, an entry has to offer."""
    return len(entry.answer.causes or entry.answer.steps)


def _restated(entry: FaqEntry, question: str) -> str:
    """The standard question, where the answer is a yes or a no and what was asked takes neither for an answer."""
    text = normalise(question)
    closed = any(cue in text for cue in cues().closed_asking)
    return entry.question if entry.kind == "yes_no" and not closed else ""


def _says_yes(entry: FaqEntry) -> bool:
    return entry.kind == "yes_no" and _OPENING.split(entry.answer.short, maxsplit=1)[0] in cues().affirming


def _asks_why_not(question: str) -> bool:
    return _why_not().search(normalise(question)) is not None


@lru_cache(maxsize=1)
def _why_not() -> re.Pattern[str]:
    why, unable = ("|".join(map(re.escape, words)) for words in (cues().why, cues().unable))
    return re.compile(f"(?:{why}).{{0,20}}?(?:{unable})")


def _calculation(entry: FaqEntry, question: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Lines worked out, numbers missing, problem: at most one of them is there."""
    formula = entry.answer.formula
    if formula is None:
        return (), (), ""
    try:
        done = work(formula, question, entry.question)
    except UsageError as error:
        return (), (), error.user_message
    except CorpusError as error:
        _log.error("entry %s: %s", entry.id, error)
        return (), (), ""
    if isinstance(done, Missing):
        # Some details invite already.
        return (), () if "告诉我" in entry.answer.text() else done.names, ""
    return () if _is_said(done, entry.answer.short) else done.lines, (), ""


def _is_said(done: Worked, short: str) -> bool:
    """Tell whether the stored answer happens to work out the very same numbers."""
    return done.lines[0].partition(" = ")[0] in short
