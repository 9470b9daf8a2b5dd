"""Where an answer comes from: the article sections that cite its facts, or the entry itself."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from assistant.records import Citation
from kb.corpus import Corpus
from kb.records import Document, FaqEntry, Section
from kb.snapshot import Knowledge

MAX_CITATIONS = 3
MAX_QUOTE = 80
ENTRY_TITLE = "常见问题"

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKER = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.、)])?[ \t]*")
_SENTENCE = re.compile(r"[^。！？!?；;]+[。！？!?；;”」）]*")


def cite(entry: FaqEntry, sections: Sequence[Section], documents: Sequence[Document]) -> tuple[Citation, ...]:
    """Name the sources of an answer: at most three sections, or the entry itself where no section cites its facts.

    Sections are taken greedily: first the one that covers most of the facts, then what covers most of the rest; of
    equals the one whose article and headings speak of the question, then the one that states the earlier fact, the one
    whose words are nearer to the answer's, the one with fewer other facts.
    ``article.text[citation.start:citation.end] == citation.quote``.
    """
    by_id = {document.id: document for document in documents}
    return _cite(entry, [section for section in sections if section.document_id in by_id], by_id)


class Citer:
    """The citations of the entries and sections of a corpus, each worked out when it is first asked for.

    All of them take a fifth of a second, and a first answer needs one.
    """

    def __init__(self, corpus: Corpus | Knowledge) -> None:
        self._documents = {document.id: document for document in corpus.documents}
        self._citing = _by_fact(corpus.sections)
        self._entries = {entry.id: entry for entry in corpus.entries}
        self._sections = {section.id: section for section in corpus.sections}
        self._found: dict[str, tuple[Citation, ...]] = {}

    def of(self, id_: str) -> tuple[Citation, ...]:
        """Citations of an entry, or of a section itself; empty for an unknown id."""
        found = self._found.get(id_)
        if found is None:
            found = self._look(id_)
            if found:
                self._found[id_] = found  # two threads may both have looked; they found the same
        return found

    def _look(self, id_: str) -> tuple[Citation, ...]:
        entry = self._entries.get(id_)
        if entry is not None:
            return _cite(entry, _sections_of(entry, self._citing), self._documents)
        section = self._sections.get(id_)
        return (_section(section, self._documents, ""),) if section else ()


def _cite(entry: FaqEntry, sections: Sequence[Section], documents: Mapping[str, Document]) -> tuple[Citation, ...]:
    said = entry.question + entry.answer.text()
    chosen = _cover(entry, sections, said, documents)
    return tuple(_section(section, documents, said) for section in chosen) or (_entry(entry),)


def _cover(entry: FaqEntry, sections: Sequence[Section], said: str, documents: Mapping[str, Document]) -> list[Section]:
    open_facts, left, chosen = set(entry.facts), list(sections), list[Section]()
    pairs, asked = _pairs(said), _pairs(entry.question)

    # Words of a section, for it is ranked anew each time another has been chosen.
    own = {section.id: _pairs(documents[section.document_id].text[section.start : section.end]) for section in sections}

    def rank(section: Section) -> tuple[int, int, int, float, int]:
        document = documents[section.document_id]
        heads = _pairs(" ".join((document.title, *section.heading_path)))
        covered = open_facts & set(section.facts)
        return (
            len(covered),
            len(heads & asked),
            -min((entry.facts.index(fact) for fact in covered), default=len(entry.facts)),
            _likeness(own[section.id], pairs),
            -len(set(section.facts) - set(entry.facts)),
        )

    while left and open_facts and len(chosen) < MAX_CITATIONS:
        best = max(left, key=rank)
        if not open_facts & set(best.facts):
            break
        chosen.append(best)
        left.remove(best)
        open_facts -= set(best.facts)
    return chosen


def _section(section: Section, documents: Mapping[str, Document], said: str) -> Citation:
    document = documents[section.document_id]
    start, end = _quote(document.text, section.start, section.end, _pairs(said))
    return Citation(section.id, (document.title, *section.heading_path), start, end, document.text[start:end])


def _entry(entry: FaqEntry) -> Citation:
    text = entry.answer.short
    start, end = _quote(text, 0, len(text), frozenset())
    return Citation(entry.id, (ENTRY_TITLE, entry.question), start, end, text[start:end])


def _quote(text: str, start: int, end: int, pairs: frozenset[str]) -> tuple[int, int]:
    """Find the span most like the answer: at most 80 characters, whole sentences of one line where possible."""
    windows = list(_windows(text, start, end))
    if not windows:
        return start, start
    said = [place for place in range(start, end - 1) if text[place : place + 2] in pairs]

    def shared(span: tuple[int, int]) -> int:
        places = said[bisect_left(said, span[0]) : bisect_left(said, span[1] - 1)]
        return len({text[place : place + 2] for place in places})

    return max(windows, key=shared)


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for low, high in _lines(text, start, end):
        sentences = [(low + match.start(), low + match.end()) for match in _SENTENCE.finditer(text[low:high])]
        for index, (first, last) in enumerate(sentences):
            ends = [stop for _, stop in sentences[index:] if stop - first <= MAX_QUOTE]
            yield first, ends[-1] if ends else _clause_end(text, first, last)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the lines of prose, without list markers, comments and white space."""
    body = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text[start:end])
    place = start
    for line in body.split("\n"):
        marker = _MARKER.match(line)
        low, high = place + (marker.end() if marker else 0), place + len(line.rstrip())
        if low < high and not line.lstrip().startswith(("#", "|", "```")):
            yield low, high
        place += len(line) + 1


def _clause_end(text: str, start: int, end: int) -> int:
    """Where to cut a sentence that is too long: after its last comma in reach, else at the limit."""
    limit = min(end, start + MAX_QUOTE)
    comma = max(text.rfind(mark, start, limit) for mark in "，,、：")
    return comma + 1 if comma > start else limit


def _likeness(own: frozenset[str], pairs: frozenset[str]) -> float:
    return len(own & pairs) / len(own) if own else 0.0


@lru_cache(maxsize=2048)
def _pairs(text: str) -> frozenset[str]:
    """Character bigrams within words and across none of the punctuation; many entries cite the same sections."""
    return frozenset(text[i : i + 2] for i in range(len(text) - 1) if text[i].isalnum() and text[i + 1].isalnum())


def _by_fact(sections: Iterable[Section]) -> Mapping[str, list[Section]]:
    citing = defaultdict(list)
    for section in sections:
        for fact in section.facts:
            citing[fact].append(section)
    return citing


def _sections_of(entry: FaqEntry, citing: Mapping[str, list[Section]]) -> list[Section]:
    found = {section.id: section for fact in entry.facts for section in citing.get(fact, ())}
    return list(found.values())
