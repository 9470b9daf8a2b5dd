"""State ↔ compact JSON text, for places that keep a conversation outside of the process: sessions and browsers.

Format: ``{"v": 1, "s": {field: value}}``, fields at their default left out. The text may come back from a browser, so
everything in it is checked against the types of :class:`State`; what does not fit gives a fresh state, never an error.
Ids inside it are whatever the sender says: look them up, never trust them to exist.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from assistant.records import State

VERSION = 1
IDLE_SECONDS = 30 * 60.0
LONGEST = 32_768


def encode_state(state: State) -> str:
    """Write a state as compact JSON (ASCII, so that any Unicode passes any transport)."""
    return json.dumps({"v": VERSION, "s": _plain(state)}, separators=(",", ":"))


def decode_state(text: str | None, *, now: float) -> State:
    """Read what :func:`encode_state` wrote.

    Args:
        text: None or "" for a conversation that has not begun.
        now: seconds; a state idle for more than 30 minutes has expired.

    Returns:
        The state, or a fresh one if the text is missing, expired, too long, corrupt or of another version.

    """
    state = _read(text) if text and len(text) <= LONGEST else None
    return State() if state is None or expired(state, now) else state


def expired(state: State, now: float) -> bool:
    """Whether the conversation has been idle for too long."""
    return now - state.at > IDLE_SECONDS


def _read(text: str) -> State | None:
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("v") != VERSION:
            return None
        state = _typed(State, data.get("s"))
    except (ValueError, RecursionError):
        return None
    return state if isinstance(state, State) else None


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        stored = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: _plain(item) for field, item in stored if item != field.default}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _typed(wanted: Any, value: object) -> object:  # noqa: ANN401 - a type hint has no narrower type
    """Rebuild a value of a type from plain JSON data; ValueError if it does not fit."""
    if get_origin(wanted) is tuple:
        return _items(get_args(wanted), value)
    if isinstance(wanted, type) and is_dataclass(wanted):
        return _record(wanted, value)
    if wanted is float:
        return _number(value)
    if wanted not in (str, int, bool) or type(value) is not wanted:
        raise ValueError(f"not a {wanted}")
    return value


def _items(wanted: tuple[Any, ...], value: object) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    types = wanted[:1] * len(value) if wanted[1:] == (...,) else wanted
    return tuple(_typed(kind, item) for kind, item in zip(types, value, strict=True))


def _record(wanted: Callable[..., object], value: object) -> object:
    types = _hints(wanted)
    if not isinstance(value, dict) or not value.keys() <= types.keys():
        raise ValueError(f"not a {wanted}")
    values = {name: _typed(types[name], item) for name, item in value.items()}
    try:
        return wanted(**values)
    except TypeError as error:
        raise ValueError("a field is missing") from error


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("not a number")
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError("too large") from error
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


@cache
def _hints(wanted: Callable[..., object]) -> dict[str, Any]:
    return get_type_hints(wanted)
