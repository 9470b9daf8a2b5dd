"""What the shipped corpus promises: size, coverage, own words, and a test set that it has not seen."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cdist

from kb.lint import lint
from kb.lint.forms import Form, forms_of
from kb.lint.source import Source, read_source
from kb.text import exact_key

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "corpus"
SEED = ROOT.parent / "shared" / "seed-article.txt"
# Kinds whose exemplars speak of the same products, amounts and actions as the entries do.
NEAR_DOMAIN = {"other_product", "missing_detail", "ambiguous", "account", "third_person"}
MAIN_FACTS = {
    f"F{number:03d}"
    for first, last in ((1, 4), (10, 15), (20, 24), (30, 36), (40, 48), (50, 56))
    for number in range(first, last + 1)
}
LEAST = {"answerable": 600, "unanswerable": 200, "dialogues": 80}
EXPECTS = {"answer", "clarify", "suggest", "refuse", "handoff", "smalltalk", "privacy", "crisis"}
RUN = 13
NOT_HAN = re.compile(r"[^\u3400-\u9fff]")


@pytest.fixture(scope="module")
def source() -> Source:
    return read_source(CORPUS)


@pytest.fixture(scope="module")
def forms(source: Source) -> tuple[Form, ...]:
    return forms_of(source)


@pytest.fixture(scope="module")
def questions() -> dict[str, list[dict[str, Any]]]:
    files = {name: (CORPUS / "questions" / f"{name}.jsonl").read_text("utf-8") for name in LEAST}
    return {name: [json.loads(line) for line in text.splitlines()] for name, text in files.items()}


def turns(row: dict[str, Any]) -> list[dict[str, Any]]:
    return row.get("turns") or [row]


def texts(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        for turn in turns(row):
            yield row["id"], turn.get("question") or turn["user"]


def test_no_lint_errors() -> None:
    assert [str(found) for found in lint(CORPUS, date(2026, 11, 23)) if found.severity == "error"] == []


def test_counts(source: Source, questions: dict[str, list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]) -> None:
    exemplars = Counter(
        "near" if lined.record.kind in NEAR_DOMAIN else "other"
        for lined in source.boundaries
        for _ in lined.record.exemplars
    )
    alternates = [len(lined.record.alternates) for lined in source.active]
    sizes = {name: len(rows) for name, rows in questions.items()}
    with capsys.disabled():
        print(  # noqa: T201 - the numbers that README quotes
            f"\n{len(alternates)} entries with {sum(alternates)} alternates ({min(alternates)} at least), "
            f"{len(source.articles)} articles, {len(source.facts)} facts, exemplars {dict(exemplars)}, test set {sizes}"
        )
    assert len(alternates) >= 360
    assert min(alternates) >= 16
    assert len(source.articles) == 16
    assert exemplars.total() >= 600
    assert 2 * exemplars["near"] >= exemplars.total()
    assert all(sizes[name] >= least for name, least in LEAST.items())


def test_every_fact_of_the_main_source_is_cited(source: Source) -> None:
    entries = {fact for lined in source.active for fact in lined.record.facts}
    sections = {fact for article in source.articles for section in article.sections for fact in section.facts}

    assert MAIN_FACTS - entries - sections == set()


def test_the_fact_sheet_is_whole(source: Source) -> None:
    assert len(source.facts) == 329
    assert [fact.id for fact, _ in source.facts if not (fact.text and fact.confidence and fact.sources)] == []


def test_every_source_of_a_fact_is_described(source: Source) -> None:
    rows = re.findall(r"^\| ([^|]+?) \|", (CORPUS / "facts.md").read_text("utf-8"), re.MULTILINE)

    assert {name for fact, _ in source.facts for name in fact.sources} <= set(rows)


@pytest.mark.skipif(not SEED.exists(), reason="the article that started the project is not part of it")
def test_own_words(source: Source) -> None:
    text = SEED.read_text("utf-8")
    title = text.partition("\n")[0].partition(" | ")[0]
    assert text.count(title) > 1  # it is a question that users ask, so it may be repeated
    known = {run for part in text.split(title) for run in runs(part)}
    written = {lined.record.id: lined.record.answer.text() for lined in source.entries}
    written |= {article.document.id: article.document.text for article in source.articles}

    assert {name: shared for name, said in written.items() if (shared := known & runs(said))} == {}


def runs(text: str) -> set[str]:
    """Every run of 13 Chinese characters, whatever punctuation stands between them."""
    han = NOT_HAN.sub("", text)
    return {han[at : at + RUN] for at in range(len(han) - RUN + 1)}


@pytest.mark.parametrize("name", sorted(LEAST))
def test_no_test_question_is_near_a_form(
    name: str, forms: tuple[Form, ...], questions: dict[str, list[dict[str, Any]]]
) -> None:
    asked = [(row, text, exact_key(text)) for row, text in texts(questions[name])]
    keys = [form.key for form in forms]
    scores = cdist([key for _, _, key in asked], keys, scorer=ratio, score_cutoff=90, workers=1)
    near = [(row, text, forms[scores[at].argmax()].text) for at, (row, text, _) in enumerate(asked) if scores[at].any()]

    assert near == []


def test_gold_facts_exist(source: Source, questions: dict[str, list[dict[str, Any]]]) -> None:
    gold = {
        fact for rows in questions.values() for row in rows for turn in turns(row) for fact in turn.get("facts", [])
    }

    assert gold - set(source.fact_by_id) == set()


def test_answerable_questions_have_gold(questions: dict[str, list[dict[str, Any]]]) -> None:
    assert [row["id"] for row in questions["answerable"] if not row["facts"]] == []


@pytest.mark.parametrize("name", sorted(LEAST))
def test_rows_are_well_formed(name: str, questions: dict[str, list[dict[str, Any]]]) -> None:
    rows = questions[name]

    assert len({row["id"] for row in rows}) == len(rows)
    assert {turn["expect"] for row in rows for turn in turns(row)} <= EXPECTS
    if name != "dialogues":
        assert len({exact_key(text) or text for _, text in texts(rows)}) == len(rows)
