"""What a turn amounts to when it is joined to the question before it: pure functions over normalised text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.dialogue.cues import ENDS, dialogue_cues
from kb.query import Mentions, Query
from kb.text import normalise

# A maker is named in so many characters, a kind of product by the last ones of its name: 美团 and 月付.
_SHORTEST_MAKER, _LONGEST_MAKER, _KIND = 2, 4, 2
_LONGEST_NAME = 7  # with what only joins it: 那抖音极速版
_LEAST_LEFT = 2


def readings(
    turn: Query,
    before: Mentions,
    question: str,
    contexts: Sequence[Mentions] = (),
    products: Iterable[str] = (),
) -> tuple[str, ...]:
    """What a turn may amount to, given the question before it, the fullest last.

    Args:
        turn: the new turn.
        before: what the last question names, with the standard question it was answered by.
        question: the last question itself.
        contexts: what tells which of several products the last question is about, what counts most first.
        products: every product there is, by its full name.
    """
    words, subject = without_openers(turn.text), _subject(before, contexts)
    named, action = (turn.slots.get(slot, frozenset()) for slot in ("product", "action"))
    sibling = _sibling(words, subject, products)
    if sibling:
        return _about_another(sibling, before, question)
    if named and subject and subject not in named:
        pointed = _pointed(words, subject, named) or _compared(words, subject)
        if pointed:
            return (words, pointed)
    if named and action:
        return (words,)
    if named:
        return _about_another(words, before, question)
    asker = "" if turn.slots.get("role") else _named("role", before)
    words = _past_pronoun(words)
    about = f"{subject} {words}" if action else f"{subject} {_named('action', before)} {words}"
    return tuple(dict.fromkeys(" ".join(text.split()) for text in (about, f"{asker} {about}", f"{question} {words}")))


def names_only(turn: Query) -> bool:
    """Tell whether a turn names a product and says nothing of it: 那花呗呢."""
    named = turn.slots.get("product", frozenset())
    others = [word for word in turn.words if len(word) > 1 and not any(word in name or name in word for name in named)]
    return bool(named) and not others and not turn.slots.get("action") and len(_bare(turn.text)) <= _LONGEST_NAME


def without_openers(text: str) -> str:
    """Drop the words that only join a turn to the one before (那, 然后, 好的); a text of them alone stays."""
    while (found := dialogue_cues().openers.match(text)) and len(text) - found.end() >= _LEAST_LEFT:
        text = text[found.end() :].lstrip(" ,，。")
    return text


def _about_another(words: str, before: Mentions, question: str) -> tuple[str, ...]:
    """The last question about the product that the words name, the whole of it last."""
    return tuple(dict.fromkeys((f"{_named('action', before)} {words}".strip(), _swapped(question, before, words))))


def _pointed(words: str, subject: str, named: Iterable[str]) -> str:
    """A turn that names a second product, with the subject in the place of its pronoun: 这个能用月付买吗.

    "" where there is no pronoun, or where it stands before the product itself: 这个月付能用吗.
    """
    found = dialogue_cues().pronouns.search(words)
    if not found or words[found.end() :].startswith(tuple(end for name in named for end in (name, name[-_KIND:]))):
        return ""
    return f"{words[: found.start()]}{subject}{words[found.end() :]}"


def _compared(words: str, subject: str) -> str:
    """A turn that compares the subject with another product: 和月付一样吗; "" if it does not."""
    return f"{subject}{words}" if dialogue_cues().comparing.match(words) else ""


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
    return words.rstrip(ENDS).removesuffix("呢").removesuffix("的")


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


def _past_pronoun(words: str) -> str:
    found = dialogue_cues().pronouns.match(words)
    return words[found.end() :] if found and len(words) - found.end() >= _LEAST_LEFT else words
