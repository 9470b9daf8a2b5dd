"""How a turn leans on the turns before it: pure functions over normalised text and the words of ``dialogue.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from rapidfuzz import fuzz

from assistant.records import Option
from kb.query import Mentions, Query
from kb.text import exact_key, normalise
from kb.yaml_text import parse_yaml

_CUES = Path(__file__).with_name("dialogue.yaml")
# A turn longer than this tells its own story.
_LONGEST_FOLLOWUP = 24
_LONGEST_TRIED = 40
_LIKE_AN_OPTION = 60.0
_NAMES_ONE = 2  # characters
_SHORTEST_MAKER, _LONGEST_MAKER, _KIND = 2, 4, 2
_SAYS_NOTHING = 3
_LEAST_LEFT = 2
# A correction is announced within the first characters, and what it corrects to follows soon.
_CORRECTION_FIRST = 6
_CORRECTION_NEAR = 14


@dataclass(frozen=True, slots=True)
class DialogueCues:
    """The word lists of ``dialogue.yaml``; of what joins a turn to the one before, a pattern."""

    tried: tuple[str, ...]
    undo: tuple[str, ...]
    correction: tuple[str, ...]
    returning: tuple[str, ...]
    openers: re.Pattern[str]
    pronouns: tuple[str, ...]
    requesting: tuple[str, ...]
    comparing: tuple[str, ...]
    fillers: tuple[str, ...]
    ordinals: Mapping[int, tuple[str, ...]]


@lru_cache(maxsize=1)
def dialogue_cues() -> DialogueCues:
    """Read the word lists, once."""
    data = cast("dict[str, Any]", parse_yaml(_CUES.read_text(encoding="utf-8")))
    ordinals = {int(number): tuple(words) for number, words in data.pop("ordinals").items()}
    openers = re.compile(f"(?:{'|'.join(data.pop('openers'))})[ ,，。]*")
    return DialogueCues(ordinals=ordinals, openers=openers, **{name: tuple(words) for name, words in data.items()})


def says_tried(text: str) -> bool:
    """Tell whether a turn says that what was offered did not help."""
    said = text.replace("有没有用", "")  # asks whether something helps
    return len(text) <= _LONGEST_TRIED and any(cue in said for cue in dialogue_cues().tried)


def says_undo(text: str) -> bool:
    """Tell whether a turn takes back what was understood beyond its words."""
    return any(cue in text for cue in dialogue_cues().undo)


def requests(text: str) -> bool:
    """Tell whether a turn wants something done or looked up, question or not."""
    return any(cue in text for cue in dialogue_cues().requesting)


def corrected(text: str) -> str:
    """What a correction puts in place of the last question's part; "" if the turn corrects nothing."""
    first = min(
        (place for cue in dialogue_cues().correction if (place := text.find(cue)) >= 0), default=_CORRECTION_NEAR
    )
    if first > _CORRECTION_FIRST:
        return ""
    ends = [
        place + len(cue) for cue in dialogue_cues().correction if 0 <= (place := text.find(cue)) <= _CORRECTION_NEAR
    ]
    return text[max(ends) :].strip(" ,。")


def chosen(text: str, options: Sequence[Option], *, whole: bool = False) -> Option | None:
    """The option that a turn picks: by number, by its label, by words that it alone has, or by words much like it.

    Args:
        text: the turn, normalised.
        options: what was offered.
        whole: whether the turn is a question of its own; 抖音月付怎么还款 is much like 抖音月付怎么开通 and asks for
            something else.
    """
    key = exact_key(text)
    for number, words in dialogue_cues().ordinals.items():
        if options and key in words and number <= len(options):
            return options[number - 1]  # 0 is the last one
    for option in options:
        if key and (key == exact_key(option.label) or key == exact_key(option.question)):
            return option
    if whole:
        return None
    named = _without_fillers(key)
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


def leans(turn: Query) -> bool:
    """Tell whether a turn may need the one before: short, and names not both a product and what to do with it.

    One that points at something (拼多多的那个怎么关) needs it however much it names.
    """
    points = any(_pronoun(pronoun).search(turn.text) for pronoun in dialogue_cues().pronouns)
    whole = turn.slots.get("product") and turn.slots.get("action") and not points
    return len(turn.text) <= _LONGEST_FOLLOWUP and not whole


def returns(text: str) -> bool:
    """Tell whether a turn goes back to an earlier subject than the last one."""
    return any(cue in text for cue in dialogue_cues().returning)


def adds_nothing(turn: Query) -> bool:
    """Tell whether a turn that says "no use" says nothing besides, so that there is nothing to go on with."""
    rest = turn.text
    for cue in sorted(dialogue_cues().tried, key=len, reverse=True):
        rest = rest.replace(cue, "")
    return len(exact_key(rest)) <= _SAYS_NOTHING


def readings(
    turn: Query,
    before: Mentions,
    question: str,
    contexts: Sequence[Mentions] = (),
    products: Iterable[str] = (),
) -> tuple[str, ...]:
    """What a turn may amount to, given the question before it; of one that names no product, the fullest last.

    Args:
        turn: the new turn.
        before: what the last question names, with the standard question it was answered by.
        question: the last question itself.
        contexts: what tells which of several products the last question is about, what counts most first.
        products: every product there is, by its full name.
    """
    words, subject = without_openers(turn.text), _subject(before, contexts)
    product, action = (turn.slots.get(slot) for slot in ("product", "action"))
    if product and subject and (pointed := _pointed(words, subject) or _compared(words, subject)):
        return (pointed,)
    if product and action:
        return (words,)
    sibling = "" if product else _sibling(words, subject, products)
    if product or sibling:
        swapped = _swapped(question, before, sibling or words)
        return tuple(dict.fromkeys((swapped, f"{_named('action', before)} {sibling or words}".strip())))
    asker = "" if turn.slots.get("role") else _named("role", before)
    words = _past_pronoun(words)
    about = f"{subject} {words}" if action else f"{subject} {_named('action', before)} {words}"
    return tuple(dict.fromkeys(" ".join(text.split()) for text in (about, f"{asker} {about}", f"{question} {words}")))


def points(turn: Query) -> bool:
    """Tell whether a turn begins with a pronoun for what the conversation is about."""
    words = without_openers(turn.text)
    return _past_pronoun(words) != words


def _pointed(words: str, subject: str) -> str:
    """A turn that names a second product, with the subject in the place of its pronoun: 这个能用月付买吗; "" without one."""
    found = next((match for pronoun in dialogue_cues().pronouns if (match := _pronoun(pronoun).search(words))), None)
    return f"{words[: found.start()]}{subject}{words[found.end() :]}" if found and subject not in words else ""


def _compared(words: str, subject: str) -> str:
    """A turn that compares the subject with another product: 和月付一样吗; "" if it does not."""
    return f"{subject}{words}" if words.startswith(dialogue_cues().comparing) and subject not in words else ""


def _sibling(words: str, subject: str, products: Iterable[str]) -> str:
    """The product of the subject's kind that a turn names by its maker alone: 抖音的呢, of 美团月付; "" if there is none."""
    maker, kind = _bare(words), subject[-_KIND:]
    if not _SHORTEST_MAKER <= len(maker) <= _LONGEST_MAKER or subject in (kind, maker + kind):
        return ""
    return next((name for name in products if name == maker + kind), "")


def _swapped(question: str, before: Mentions, words: str) -> str:
    """The last question about another product: 美团月付几号还款, 那白条呢 → 白条几号还款.

    Of several names the longest goes, of equally long ones the last: 京东白条几号还款, 花呗呢 → 京东花呗几号还款.
    """
    bare = _bare(words)
    text = normalise(question)
    names = before.slots.get("product", frozenset())
    for name in sorted(names, key=lambda name: (-len(name), -text.find(normalise(name)), name)):
        said = _as_said(normalise(name), text)
        if said:
            return text.replace(said, bare)
    return f"{bare} {text}"


def _bare(words: str) -> str:
    """What 美团的呢 names."""
    return words.removesuffix("?").removesuffix("呢").removesuffix("的")


def _as_said(name: str, text: str) -> str:
    """The longest ending of a name that stands in a text, for people say 月付 for 抖音月付; "" if none does."""
    endings = (name[start:] for start in range(max(len(name) - 1, 1)))
    return next((ending for ending in endings if ending in text), "")


def _subject(before: Mentions, contexts: Sequence[Mentions]) -> str:
    products = before.slots.get("product", frozenset())
    for context in contexts:
        products = products & context.slots.get("product", frozenset()) or products
    return _first(products, before)


def _named(slot: str, before: Mentions) -> str:
    """The slot's value that the earlier question names first."""
    return _first(before.slots.get(slot, frozenset()), before)


def _first(values: Iterable[str], before: Mentions) -> str:
    return min(values, key=lambda value: (_place(before.text, value), value), default="")


def _place(text: str, value: str) -> int:
    place = text.find(normalise(value))
    return place if place >= 0 else len(text)


def without_openers(text: str) -> str:
    """Drop the words that only join a turn to the one before (那, 然后, 好的); a text of them alone stays."""
    while (found := dialogue_cues().openers.match(text)) and len(text) - found.end() >= _LEAST_LEFT:
        text = text[found.end() :]
    return text


def _past_pronoun(text: str) -> str:
    for pronoun in dialogue_cues().pronouns:
        found = _pronoun(pronoun).match(text)
        if found and len(text) > len(pronoun) + 1:
            return text[found.end() :]
    return text


@lru_cache(maxsize=64)
def _pronoun(word: str) -> re.Pattern[str]:
    """A pronoun, but not a part of 这个月."""
    return re.compile(f"{re.escape(word)}(?![月人])")
