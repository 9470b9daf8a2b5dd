"""The rule on what is found: a standard question that leads elsewhere once it stands in no index itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb.lint.findings import Finding, finding
from kb.lint.source import Lined, Source
from kb.records import FaqEntry
from kb.search import Found, Searcher
from kb.text import normalise

_DEPTH = 10
# Among entries of the same facts any may stand first, the one that states most does; its neighbours follow closely.
_NEAR_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class _Lost:
    """An entry, what its question found, and the place it had there itself, 0 for none."""

    lined: Lined[FaqEntry]
    found: Found
    place: int

    @property
    def misled(self) -> bool:
        """Whether what came first does not even state the entry's facts."""
        entry, hits = self.lined.record, self.found.hits
        return self.place != 1 and not (hits and entry.facts and set(entry.facts) <= set(hits[0].facts))


def lost_questions(source: Source, searcher: Searcher) -> Iterator[Finding]:
    """Standard questions that find something else first, or their own entry only behind others of the same facts.

    Those that would be answered with other facts come first, then by how far down the own entry stands.
    """
    rows = _question_rows(source, searcher)
    asked = [lined for lined in source.active if lined.record.id in rows]
    results = searcher.search_unseen([rows[lined.record.id] for lined in asked], _DEPTH)
    every = [_Lost(lined, found, _place(lined, found)) for lined, found in zip(asked, results, strict=True)]
    lost = [item for item in every if item.misled or not 0 < item.place <= _NEAR_ENOUGH]
    for item in sorted(lost, key=lambda item: (not item.misled, -(item.place or _DEPTH + 1))):
        yield finding("lost-question", item.lined.row.at("question"), _message(item))


def _question_rows(source: Source, searcher: Searcher) -> dict[str, int]:
    """Row of each active entry's standard question, by entry; entries that the index lacks are left out."""
    index = searcher.index
    wanted = {lined.record.id: normalise(lined.record.question) for lined in source.active}
    return {
        name: number
        for number, row in reversed(list(enumerate(index.rows)))
        if (name := index.units[row.unit].id) in wanted and row.text == wanted[name]
    }


def _place(lined: Lined[FaqEntry], found: Found) -> int:
    return next((place for place, hit in enumerate(found.hits, 1) if hit.entry == lined.record.id), 0)


def _message(item: _Lost) -> str:
    entry = item.lined.record
    where = f"自己的条目排第 {item.place}" if item.place else f"自己的条目不在前 {_DEPTH} 名"
    if not item.found.hits:
        return f"「{entry.question}」（{entry.id}）去掉自己之后什么也找不到，请补充相似问"
    first = item.found.hits[0]
    return (
        f"「{entry.question}」（{entry.id}）去掉自己之后先找到「{first.entry}」的「{first.form[:40]}」"
        f"（{first.probability:.2f}），{where}：请补充相似问，或把两条写得更分明"
    )
