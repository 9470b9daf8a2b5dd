"""Whether the service can answer, part by part and in plain words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from assistant.history import History
from kb.errors import KbError, ModelError

# Anyone may ask for the health, and asking costs a search: one real look in this time.
_FRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the service; without ``usable`` there are no answers at all."""

    ok: bool
    message: str
    usable: bool = True


_FINE = Part(True, "正常")
_UNSEEN = Part(True, "另一部分不可用，这次没能检查。")


class Health:
    """Looks at every part, at most every few seconds.

    Args:
        probe: does a real search; raises KbError if index or model cannot serve.
        history: None where none is kept.
        checks: further checks by part; "" means that nothing is wrong.

    """

    def __init__(
        self, probe: Callable[[], object], history: History | None, checks: Mapping[str, Callable[[], str]]
    ) -> None:
        self._probe = probe
        self._history = history
        self._checks = checks
        self._lock = threading.Lock()
        self._report: dict[str, object] = {}
        self._until = 0.0

    def report(self) -> dict[str, object]:
        """Give ``{"status": "ok" | "degraded" | "down", "<part>": {"ok", "message"}, …}``."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._report = self._look()
                self._until = time.monotonic() + _FRESH_SECONDS
            return self._report

    def _look(self) -> dict[str, object]:
        parts = self._serving()
        for name, check in self._checks.items():
            problem = _said(check)
            if problem and parts.get(name, _FINE).ok:
                parts[name] = Part(False, problem)
            parts.setdefault(name, _FINE)
        parts["history"] = self._kept()
        usable, ok = all(part.usable for part in parts.values()), all(part.ok for part in parts.values())
        status = "ok" if ok else "degraded" if usable else "down"
        return {"status": status, **{name: _shown(part) for name, part in parts.items()}}

    def _serving(self) -> dict[str, Part]:
        """Index and model, by one search through both."""
        try:
            self._probe()
        except ModelError as error:
            return {"index": _UNSEEN, "model": Part(False, error.user_message, usable=False)}
        except KbError as error:
            return {"index": Part(False, error.user_message, usable=False), "model": _UNSEEN}
        return {"index": _FINE, "model": _FINE}

    def _kept(self) -> Part:
        if self._history is None:
            return Part(True, "未启用")
        problem = self._history.problem or self._history.check()
        return Part(not problem, problem or "正常")


def _said(check: Callable[[], str]) -> str:
    try:
        return check()
    except KbError as error:
        return error.user_message


def _shown(part: Part) -> dict[str, object]:
    return {name: value for name, value in asdict(part).items() if name != "usable"}
