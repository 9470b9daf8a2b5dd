"""What the words of a turn justify by themselves, whatever the conversation is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.decide import SURELY, Verdict
from assistant.dialogue.followup import is_about_another
from assistant.dialogue.joined import names_only
from assistant.understand import requests
from kb.query import Mentions
from kb.records import FaqEntry
from kb.search import Found
from kb.text import exact_key

# Kinds that the words alone justify whatever the subject was, if they are sure.
_ALONE_KINDS = frozenset({"human", "insult", "illegal", "injection", "off_topic"})
# What a bare name is taken for that the model has seldom seen: 企业呢 for an insult, 晚上呢 for a greeting.
_MISHEARD = frozenset({"insult", "greeting", "praise", "ack", "bye"})
# Who asks for his own data is this surely heard (我还欠多少: 0.99); who tells of it is not: 我额度明明够的, 0.89.
_SURE_OF_ACCOUNT = 0.95
# All of 43 real cries for help are heard from 0.96 on by their words alone, and of 140 exemplars 96 % from here on, each
# asked as if it did not stand in the index. Of 25 others within conversations that were heard from 0.25 on, three are
# heard so surely, seven in the conversation as well.
_SURELY_CRIES = 0.75
# Words that are answered so surely need nothing of the conversation: of 345 such turns that might lean on it, 339 are
# answered rightly by their words alone, and 338 with what was said before.
_SAYS_ALL = 0.98


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a turn: the question it amounts to, what search says, what to do.

    ``inherited`` tells whether the question holds something that was not typed: of the turns before, or the subject.
    """

    question: str
    found: Found
    verdict: Verdict
    inherited: bool = False

    @property
    def best(self) -> float:
        """Probability of the best entry."""
        return self.found.hits[0].probability if self.found.hits else 0.0


def stands_alone(reading: Reading) -> bool:
    """Tell whether a turn is no question of knowledge, so surely that the conversation cannot make it one."""
    verdict, masses = reading.verdict, reading.found.boundaries
    mass = masses.get(verdict.decision, 0.0)
    if verdict.decision == "crisis":
        return mass >= _SURELY_CRIES
    if presumes(reading) or (verdict.kind in _MISHEARD and is_about_another(reading.found.query.text)):
        return False
    if verdict.kind == "account":
        return mass >= _SURE_OF_ACCOUNT
    return mass >= SURELY and (verdict.decision in ("smalltalk", "privacy") or verdict.kind in _ALONE_KINDS)


def presumes(reading: Reading) -> bool:
    """Tell whether a verdict presumes of a mere statement what the conversation may not bear out.

    Who tells of his own data (我还在念大三) wants nothing looked up; what sounds like despair is mostly about something
    else (我想反过来, 家里没电脑), unless it is said surely or the conversation says so too.
    """
    verdict = reading.verdict
    return verdict.decision == "crisis" or (verdict.kind == "account" and not requests(reading.found.query.text))


def says_all(alone: Reading, entries: Mapping[str, FaqEntry], before: Mentions, subject: str) -> bool:
    """Tell whether a turn is answered so surely by its words alone that nothing of the conversation is needed.

    Words that name no product are mostly asked of the commonest one, so that after another they may say less (审核多久,
    of a shop), unless they are a standard question, offered and picked.

    Args:
        alone: the turn as its words alone are read.
        entries: all entries by their ids.
        before: what the last question names.
        subject: the commonest product, "" if there is none.
    """
    if alone.verdict.decision != "answer" or alone.best < _SAYS_ALL or names_only(alone.found.query):
        return False
    entry = entries.get(alone.found.hits[0].entry)
    if alone.found.query.slots.get("product") or not subject:
        return True
    if entry is not None and exact_key(entry.question) == alone.found.query.key:
        return True
    return not before.slots.get("product", frozenset()) - {subject}


def both_cry(alone: Reading, leaning: Sequence[Reading]) -> bool:
    """Tell whether a cry for help is heard in the words alone and in the conversation."""
    return alone.verdict.decision == "crisis" and any(reading.verdict.decision == "crisis" for reading in leaning)
