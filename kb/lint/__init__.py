"""Checking a corpus before it is built: what cannot be right (errors) and what deserves a look (warnings).

::

    for found in lint(Path("corpus")):
        print(found.severity, found)      # faq/opening.yaml:12 [same-form] 问法……
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from kb.access import readable
from kb.atomic import settle
from kb.corpus import article_from
from kb.errors import CorpusError
from kb.lint import entries, facts, forms, gold, lost, nearness, policy
from kb.lint.findings import ERRORS, WARNINGS, Finding, Place, finding, ranked
from kb.lint.policy import POLICY, Policy, load_policy
from kb.lint.rows import Row
from kb.lint.source import Lined, Source, article_of, read_source
from kb.records import Boundary, Fact, FaqEntry
from kb.search import Searcher

__all__ = ["ERRORS", "POLICY", "WARNINGS", "Finding", "Policy", "lint", "lint_article", "lint_entry", "load_policy"]


def lint(corpus_folder: Path, today: date | None = None, *, searcher: Searcher | None = None) -> tuple[Finding, ...]:
    """Check every file of a corpus; errors first, then warnings by rank.

    Args:
        corpus_folder: a folder as :func:`kb.corpus.load_corpus` reads it; ``policy.yaml`` and ``facts.md`` are optional.
        today: the day that ``valid_until`` is compared with; the machine's day where it is not given.
        searcher: an index of this very corpus; without one nothing is said of what the standard questions find.

    Raises:
        CorpusError: there is no such folder.
    """
    if not corpus_folder.is_dir():
        raise CorpusError(
            f"no corpus folder {corpus_folder}", user_message=f"没有找到知识库文件夹 {corpus_folder}，请检查 --corpus。"
        )
    settle(corpus_folder)
    with readable(corpus_folder):
        source = read_source(corpus_folder)
    questions = lost.lost_questions(source, searcher) if searcher is not None else ()
    found = [*_findings(source, today or date.today()), *_wording(source, corpus_folder), *questions]
    found += gold.lost_gold(source, corpus_folder)
    return ranked([*source.faults, *found])


def _findings(source: Source, today: date) -> list[Finding]:
    every_form = forms.forms_of(source)
    return [
        *entries.reused_ids(source),
        *forms.same_forms(every_form),
        *forms.vetoed_forms(source),
        *facts.unknown_facts(source),
        *facts.overloaded_sections(source),
        *entries.missing_steps(source),
        *entries.expired(source, today),
        *nearness.near_forms(every_form),
        *nearness.near_answers(source),
        *facts.unused_facts(source),
        *facts.undated_entries(source),
        *entries.never_checked(source),
        *entries.few_alternates(source),
    ]


def _wording(source: Source, folder: Path) -> list[Finding]:
    try:
        rules = load_policy(folder / POLICY)
    except CorpusError as error:
        return [finding("unreadable-file", Place(POLICY, 1), error.user_message)]
    return [*policy.strange_phones(source, rules), *policy.broken_rules(source, rules)]


def lint_entry(
    entry: FaqEntry,
    neighbours: Iterable[FaqEntry],
    boundaries: Iterable[Boundary],
    known_facts: Iterable[Fact],
    today: date,
    rules: Policy,
) -> tuple[Finding, ...]:
    """Check one entry while it is being edited, without reading a file; places name the entries, not files.

    Args:
        entry: as it shall be.
        neighbours: the other entries that share a question form with it.
        boundaries: those that share a question form with it.
        known_facts: the fact sheet.
        today: the day that ``valid_until`` is compared with.
        rules: of wording.
    """
    lined = Lined(entry, _nowhere(entry.id))
    others = tuple(Lined(other, _nowhere(other.id)) for other in neighbours)
    bounds = tuple(Lined(bound, _nowhere(bound.id)) for bound in boundaries)
    sheet = _sheet(known_facts)
    # The neighbours first: of two that say the same, the finding stands at the later one.
    every_form = forms.forms_of(Source((*others, lined), bounds, (), sheet, ()))
    alone = Source((lined,), (), (), sheet, ())
    found = [
        *forms.same_forms(every_form),
        *forms.vetoed_forms(alone),
        *facts.unknown_facts(alone),
        *policy.strange_phones(alone, rules),
        *policy.broken_rules(alone, rules),
        *entries.missing_steps(alone),
        *entries.expired(alone, today),
        *facts.undated_entries(alone),
        *entries.never_checked(alone),
        *entries.few_alternates(alone),
    ]
    return ranked(item for item in found if item.file == entry.id)


def lint_article(text: str, name: str, known_facts: Iterable[Fact], rules: Policy) -> tuple[Finding, ...]:
    """Check one article while it is being edited; lines are those of its file.

    Args:
        text: the whole file as it shall be, front matter included.
        name: of the file.
        known_facts: the fact sheet.
        rules: of wording.

    Raises:
        CorpusError: its front matter does not parse.
    """
    article = article_of(article_from(text, Path(name)), text, name)
    alone = Source((), (), (article,), _sheet(known_facts), ())
    return ranked(
        [
            *facts.unknown_facts(alone),
            *facts.overloaded_sections(alone),
            *policy.strange_phones(alone, rules),
            *entries.never_checked(alone),
        ]
    )


def _sheet(known: Iterable[Fact]) -> tuple[tuple[Fact, Place], ...]:
    return tuple((fact, Place("facts.md", 1)) for fact in known)


def _nowhere(name: str) -> Row:
    return Row({}, Place(name, 1))
