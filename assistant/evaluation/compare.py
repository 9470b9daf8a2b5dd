"""Two runs over the same questions: what was gained, what was lost, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from assistant.evaluation.figures import flat, number
from kb.errors import UsageError
from kb.metrics import mcnemar_exact, paired_bootstrap

Json = Mapping[str, object]
SINGLES = ("answerable", "unanswerable")


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure of both runs; None where it is undefined or the run did not have it."""

    name: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """After less before."""
        return None if self.before is None or self.after is None else round(self.after - self.before, 4)


@dataclass(frozen=True, slots=True)
class Changed:
    """One question whose outcome changed; the decisions and first entries of both runs."""

    id: str
    part: str
    before: str
    after: str
    before_entry: str
    after_entry: str


@dataclass(frozen=True, slots=True)
class Significance:
    """Paired tests on whether the replies are right.

    Attributes:
        part: "all", "answerable" or "unanswerable".
        n: questions in both runs.
        gained, lost: how many became right, became wrong.
        difference: share right after less before, with ``low``..``high`` its 95% bootstrap interval.
        p_mcnemar: exact two-sided McNemar test.
        p_bootstrap: two-sided paired bootstrap.

    """

    part: str
    n: int
    gained: int
    lost: int
    difference: float | None
    low: float | None
    high: float | None
    p_mcnemar: float
    p_bootstrap: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one run to another; ``only_before``/``only_after`` are ids that stand in one run only."""

    figures: tuple[FigureChange, ...]
    gained: tuple[Changed, ...]
    lost: tuple[Changed, ...]
    tests: tuple[Significance, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        figures = [{**asdict(figure), "change": figure.change} for figure in self.figures]
        return {**asdict(self), "figures": figures}


@dataclass(frozen=True, slots=True)
class _Row:
    part: str
    decision: str
    entry: str
    correct: bool


def compare(before: Json, after: Json) -> Comparison:
    """Compare two JSON reports, question by question where an id stands in both.

    Raises:
        UsageError: one of them is not a report.

    """
    one, two = _rows(before), _rows(after)
    shared = [id_ for id_ in one if id_ in two]
    changed = [_changed(id_, one[id_], two[id_]) for id_ in shared if one[id_].correct != two[id_].correct]
    return Comparison(
        figures=tuple(_figures(before, after)),
        gained=tuple(item for item in changed if two[item.id].correct),
        lost=tuple(item for item in changed if one[item.id].correct),
        tests=tuple(_tests([(one[id_], two[id_]) for id_ in shared])),
        only_before=tuple(id_ for id_ in one if id_ not in two),
        only_after=tuple(id_ for id_ in two if id_ not in one),
    )


def _rows(report: Json) -> dict[str, _Row]:
    rows = report.get("rows")
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise _no_report("rows")
    parts = _parts(report, len(rows))
    return {_id(row): _row(row, part) for row, part in zip(rows, parts, strict=True)}


def _parts(report: Json, n: int) -> list[str]:
    """Part of each row: a row does not name it, but answerable questions come first; "" if the counts disagree."""
    parts: list[str] = []
    for part in SINGLES:
        found = report.get(part)
        count = found.get("n") if isinstance(found, Mapping) else 0
        parts += [part] * (count if isinstance(count, int) else 0)
    return parts if len(parts) == n else [""] * n


def _id(row: object) -> str:
    if not isinstance(row, Mapping) or "id" not in row or "correct" not in row:
        raise _no_report("id, correct")
    return str(row["id"])


def _row(row: Mapping[str, object], part: str) -> _Row:
    entries = row.get("entries")
    first = str(entries[0]) if isinstance(entries, list) and entries else ""
    return _Row(part, str(row.get("decision", "")), first, bool(row["correct"]))


def _changed(id_: str, before: _Row, after: _Row) -> Changed:
    return Changed(id_, after.part, before.decision, after.decision, before.entry, after.entry)


def _tests(pairs: Sequence[tuple[_Row, _Row]]) -> Iterator[Significance]:
    yield _test("all", pairs)
    for part in SINGLES:
        own = [(one, two) for one, two in pairs if one.part == part]
        if own and len(own) < len(pairs):
            yield _test(part, own)


def _test(part: str, pairs: Sequence[tuple[_Row, _Row]]) -> Significance:
    gained = sum(two.correct and not one.correct for one, two in pairs)
    lost = sum(one.correct and not two.correct for one, two in pairs)
    found = paired_bootstrap([one.correct for one, _ in pairs], [two.correct for _, two in pairs])
    return Significance(
        part=part,
        n=len(pairs),
        gained=gained,
        lost=lost,
        difference=number(found.mean),
        low=number(found.interval.low),
        high=number(found.interval.high),
        p_mcnemar=round(mcnemar_exact(gained, lost), 6),
        p_bootstrap=number(found.p),
    )


def _figures(before: Json, after: Json) -> Iterator[FigureChange]:
    one, two = dict(flat(before)), dict(flat(after))
    for name in dict.fromkeys([*one, *two]):
        yield FigureChange(name, one.get(name), two.get(name))


def _no_report(missing: str) -> UsageError:
    return UsageError(
        f"not a report: {missing}", user_message=f"这不是评测结果：缺少 {missing}。请用 zhida eval --json 生成。"
    )
