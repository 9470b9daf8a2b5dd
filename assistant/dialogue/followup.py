"""How a turn leans on the turns before it: pure functions over normalised text and the words of ``dialogue/cues.yaml``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from assistant.dialogue.cues import ENDS, dialogue_cues
from assistant.records import Option
from kb.query import Query
from kb.text import exact_key

# A turn longer than this tells its own story.
_LONGEST_FOLLOWUP = 24
_LONGEST_TRIED = 40
_LONGEST_OTHER = 9
_LIKE_AN_OPTION = 60.0
_NAMES_ONE = 2  # characters
_SAYS_NOTHING = 3
_CLAUSE = re.compile(r"[,，。!?;]")
# A correction is announced within the first characters, and what it corrects to follows soon.
_CORRECTION_FIRST = 6
_CORRECTION_NEAR = 14


def says_tried(text: str) -> bool:
    """Tell whether a turn says that what was offered did not help."""
    said = text
    for asked in dialogue_cues().not_tried:
        said = said.replace(asked, "")
    return len(text) <= _LONGEST_TRIED and any(cue in said for cue in dialogue_cues().tried)


def says_undo(text: str) -> bool:
    """Tell whether a turn takes back what was understood beyond its words."""
    return any(cue in text for cue in dialogue_cues().undo)


def instead_of(text: str) -> str:
    """What a turn that takes back an understanding says in its place (不是这个意思,我问的是关闭); "" if nothing."""
    said = text
    for cue in dialogue_cues().undo:
        said = said.replace(cue, ",")
    longest = max(_CLAUSE.split(said), key=lambda clause: len(exact_key(clause)))
    return longest.strip() if len(exact_key(longest)) > _SAYS_NOTHING else ""


def corrected(text: str) -> str:
    """What a correction puts in place of the last question's part; "" if the turn corrects nothing."""
    misspoken = dialogue_cues().misspoken.match(text)
    begun = misspoken.end() if misspoken else 0
    places = [(place, cue) for cue in dialogue_cues().correction if (place := text.find(cue)) >= 0]
    if not misspoken and min(places, default=(_CORRECTION_NEAR, ""))[0] > _CORRECTION_FIRST:
        return ""
    ends = [place + len(cue) for place, cue in places if place <= _CORRECTION_NEAR]
    return text[max([begun, *ends]) :].strip(" ,。")


def chosen(text: str, options: Sequence[Option], *, whole: bool = False) -> Option | None:
    """The option that a turn picks: by number, by its label, by words that it alone has, or by words much like it.

    Args:
        text: the turn, normalised.
        options: what was offered.
        whole: whether the turn is a question of its own; 抖音月付怎么还款 is much like 抖音月付怎么开通 and asks for
            something else.
    """
    key = exact_key(text)
    named = _without_fillers(key)
    for number, words in dialogue_cues().ordinals.items():
        if options and (key in words or named in words) and number <= len(options):
            return options[number - 1]  # 0 is the last one
    for option in options:
        if key and (key == exact_key(option.label) or key == exact_key(option.question)):
            return option
    if whole:
        return None
    naming = [option for option in options if len(named) >= _NAMES_ONE and named in exact_key(option.question)]
    if len(naming) == 1:
        return naming[0]
    best = max(options, key=lambda option: _likeness(key, option), default=None)
    return best if best is not None and key and _likeness(key, best) >= _LIKE_AN_OPTION else None


def _without_fillers(key: str) -> str:
    """Of 我说的是支付的那个 what names something: 支付."""
    for filler in dialogue_cues().fillers:
        key = key.removeprefix(filler).removesuffix(filler)
    return key


def _likeness(key: str, option: Option) -> float:
    return max(fuzz.ratio(key, exact_key(option.label)), fuzz.ratio(key, exact_key(option.question)))


def is_whole(turn: Query) -> bool:
    """Tell whether a turn tells its own story, or names both a product and what to do with it."""
    return len(turn.text) > _LONGEST_FOLLOWUP or bool(turn.slots.get("product") and turn.slots.get("action"))


def is_about_another(text: str) -> bool:
    """Tell whether a turn is a short name or word and 呢, which asks the last question of something else: 企业呢."""
    name = text.rstrip(ENDS)
    return name.endswith("呢") and len(name) <= _LONGEST_OTHER


def returns(text: str) -> bool:
    """Tell whether a turn goes back to an earlier subject than the last one."""
    return any(cue in text for cue in dialogue_cues().returning)


def adds_nothing(turn: Query) -> bool:
    """Tell whether a turn that says "no use" says nothing besides, so that there is nothing to go on with."""
    rest = turn.text
    for cue in sorted(dialogue_cues().tried, key=len, reverse=True):
        rest = rest.replace(cue, "")
    return len(exact_key(rest)) <= _SAYS_NOTHING
