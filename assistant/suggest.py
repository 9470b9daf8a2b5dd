"""Type-ahead: completes a question from the corpus' own forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kb.records import FaqEntry
from kb.text import exact_key


class Completer:
    """Finds standard questions by what has been typed of one of their forms."""

    def __init__(self, entries: Sequence[FaqEntry]) -> None:
        self._questions = [(exact_key(entry.question), entry.question) for entry in entries]
        self._forms = [(exact_key(form), entry.question) for entry in entries for form in entry.alternates]

    def complete(self, prefix: str, limit: int = 8) -> list[str]:
        """Standard questions that begin with the prefix, then those that hold it, then those with such a form."""
        key = exact_key(prefix)
        if not key:
            return []
        found = [
            *_matching(self._questions, key, start=True),
            *_matching(self._questions, key, start=False),
            *_matching(self._forms, key, start=True),
        ]
        return list(dict.fromkeys(found))[:limit]


def _matching(pairs: Iterable[tuple[str, str]], key: str, *, start: bool) -> list[str]:
    return [question for text, question in pairs if (text.startswith(key) if start else key in text)]
