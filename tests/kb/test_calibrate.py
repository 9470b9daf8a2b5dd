from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from fakes import embed_rows, index_of
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import calibrate
from kb.build import default_ranker
from kb.calibrate import Costs, _fit_calibration, _platt, best_share, fit_cutoffs, fit_ranker
from kb.choice import Choice, Example, fit_choice
from kb.dense import Vectors
from kb.features import NAMES
from kb.index import Index
from kb.judge import Judged, judge_rows
from kb.query import Analyzer
from kb.ranking import Cutoffs, Ranker
from kb.units import Layout, Role, Row, Unit, UnitKind

DEFAULT = default_ranker()
COSTS = Costs(
    wrong_answer=1.0,
    helpful_suggestion=0.2,
    vain_suggestion=0.4,
    refused_answerable=0.7,
    suggested_unanswerable=0.5,
)


def forms(index: Index, *kinds: UnitKind) -> list[int]:
    return [
        n
        for n, row in enumerate(index.rows)
        if row.role is Role.FORM and index.units[row.unit].kind in (kinds or UnitKind)
    ]


@pytest.fixture(scope="module")
def fitted(tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> Ranker:
    return fit_ranker(tiny_index, tiny_vectors, tiny_analyzer, DEFAULT)


@pytest.fixture(scope="module")
def judged(tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> list[Judged]:
    return judge_rows(tiny_index, tiny_vectors, tiny_analyzer, forms(tiny_index), seed=4)


def test_a_fit_says_that_it_is_one(fitted: Ranker) -> None:
    assert (fitted.calibrated, fitted.note) == (True, "")
    assert fitted.slope > 0
    assert len(fitted.choice.weights) == len(NAMES)
    assert not np.array_equal(fitted.choice.weights, DEFAULT.choice.weights)


def test_probabilities_mean_what_they_say(fitted: Ranker, judged: list[Judged]) -> None:
    """Questions hidden by another seed than the fit's: as many answers are right as the probabilities promise."""
    shares, right = np.array([best_share(item, fitted.choice) for item in judged]).T
    chances = calibrate.calibrate(shares, fitted.slope, fitted.intercept)
    sure = chances >= 0.5

    assert chances.mean() == pytest.approx(right.mean(), abs=0.08)
    assert right[sure].mean() == pytest.approx(chances[sure].mean(), abs=0.12)
    assert right[~sure].mean() == pytest.approx(chances[~sure].mean(), abs=0.2)


def test_the_fit_tells_ours_from_theirs(fitted: Ranker, judged: list[Judged]) -> None:
    mass = {True: [], False: []}
    for item in judged:
        knowledge = [unit.kind is not UnitKind.BOUNDARY for unit in item.units]
        mass[not item.expect].append(fitted.choice.shares(item.example.values)[knowledge].sum())

    assert np.mean(mass[True]) > 0.7
    assert np.mean(mass[False]) < 0.4


def test_the_same_fit_every_time(
    fitted: Ranker, tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer
) -> None:
    again = fit_ranker(tiny_index, tiny_vectors, tiny_analyzer, DEFAULT)

    assert again.to_json() == fitted.to_json()


def kept(index: Index, vectors: Vectors, analyzer: Analyzer, rows: Sequence[int]) -> tuple[Index, Vectors]:
    layout = Layout(index.units, tuple(index.rows[row] for row in rows))
    return index_of(layout, vectors[list(rows)], analyzer), vectors[list(rows)]


def test_too_few_forms(tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> None:
    ours, theirs = forms(tiny_index, UnitKind.FAQ), forms(tiny_index, UnitKind.BOUNDARY)
    index, vectors = kept(tiny_index, tiny_vectors, tiny_analyzer, [*ours[:59], *theirs])

    ranker = fit_ranker(index, vectors, tiny_analyzer, DEFAULT)

    assert ranker.note == "相似问太少（5 条知识共 59 个问法），无法校准；请补充相似问。目前使用出厂设置。"
    assert ranker == replace(DEFAULT, note=ranker.note)
    # sixty are enough
    index, vectors = kept(tiny_index, tiny_vectors, tiny_analyzer, [*ours[:60], *theirs])
    assert fit_ranker(index, vectors, tiny_analyzer, DEFAULT).calibrated


def test_two_forms_an_entry_are_too_few(tiny_analyzer: Analyzer) -> None:
    units = tuple(Unit(str(n), UnitKind.FAQ, "") for n in range(40))
    layout = Layout(units, tuple(Row(n % 40, Role.FORM, f"第{n}个问题") for n in range(80)))

    ranker = fit_ranker(index_of(layout, embed_rows(layout), tiny_analyzer), embed_rows(layout), tiny_analyzer, DEFAULT)

    assert not ranker.calibrated
    assert "40 条知识共 80 个问法" in ranker.note


def test_no_boundaries(tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer) -> None:
    index, vectors = kept(tiny_index, tiny_vectors, tiny_analyzer, forms(tiny_index, UnitKind.FAQ))

    ranker = fit_ranker(index, vectors, tiny_analyzer, replace(DEFAULT, calibrated=True))

    assert not ranker.calibrated
    assert "boundaries/" in ranker.note


class Asked(Exception):
    """Carries the rows that would be judged."""


def asked_rows(
    monkeypatch: pytest.MonkeyPatch, index: Index, vectors: Vectors, analyzer: Analyzer, unseen: object
) -> list[int]:
    def stop(_index: Index, _vectors: Vectors, _analyzer: Analyzer, rows: Sequence[int], _seed: int) -> None:
        raise Asked(list(rows))

    monkeypatch.setattr(calibrate, "judge_rows", stop)
    with pytest.raises(Asked) as caught:
        fit_ranker(index, vectors, analyzer, DEFAULT, unseen=unseen)  # type: ignore[arg-type]
    return sorted(caught.value.args[0])


def test_only_what_training_has_not_seen_is_asked(
    monkeypatch: pytest.MonkeyPatch, tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer
) -> None:
    def ask(unseen: object) -> list[int]:
        return asked_rows(monkeypatch, tiny_index, tiny_vectors, tiny_analyzer, unseen)

    everything = forms(tiny_index)
    most = [row for row in everything if "步骤" not in tiny_index.rows[row].text]

    assert ask(None) == everything
    assert ask(lambda text: "步骤" not in text) == most
    assert ask(lambda text: "步骤" in text) == everything  # too few to go by


def test_the_next_fit_asks_nearly_the_same_in_the_same_folds(
    monkeypatch: pytest.MonkeyPatch, tiny_index: Index, tiny_vectors: Vectors, tiny_analyzer: Analyzer
) -> None:
    monkeypatch.setattr(calibrate, "_MOST_QUESTIONS", 65)
    fit, folds = calibrate._fit_calibration, dict[str, int]()

    def noting(judged: Sequence[Judged], own: Sequence[int]) -> tuple[float, float]:
        folds.update(zip(texts, own, strict=True))
        return fit(judged, own)

    def asked(rows: Sequence[int]) -> dict[str, int]:
        index, vectors = kept(tiny_index, tiny_vectors, tiny_analyzer, rows)
        texts[:] = [index.rows[int(row)].text for row in calibrate._questions(index, None, 20261123)]
        folds.clear()
        fit_ranker(index, vectors, tiny_analyzer, DEFAULT)
        return dict(folds)

    texts: list[str] = []
    monkeypatch.setattr(calibrate, "_fit_calibration", noting)
    every = range(len(tiny_index.rows))
    before, after = asked(every), asked([row for row in every if row not in (0, 20, 50)])

    assert len(before) > 65
    assert {*before.values()} == {0, 1}
    assert len(before.keys() ^ after.keys()) <= 6
    assert all(before[text] == after[text] for text in before.keys() & after.keys())


def test_platt_recovers_a_line() -> None:
    rng = np.random.default_rng(2)
    odds = rng.normal(0, 2, 20_000)
    truth = (rng.random(20_000) < 1 / (1 + np.exp(-(0.7 * odds - 0.4)))).astype(float)

    slope, intercept = _platt(odds, truth)

    assert slope == pytest.approx(0.7, abs=0.04)
    assert intercept == pytest.approx(-0.4, abs=0.05)
    assert np.mean(1 / (1 + np.exp(-(slope * odds + intercept)))) == pytest.approx(truth.mean(), abs=1e-3)


def test_platt_of_what_is_never_wrong() -> None:
    slope, intercept = _platt(np.array([-13.8, 5.0, 13.8]), np.array([0.0, 1.0, 1.0]))

    assert np.isfinite([slope, intercept]).all()
    assert slope > 0


def test_calibration_takes_the_share_down_to_what_is_right() -> None:
    """The entry is meant as often as the model says, but answers only three in five of those questions."""
    rng = np.random.default_rng(5)
    utility = rng.normal(0, 2, 600)
    meant = (rng.random(600) < 1 / (1 + np.exp(-utility))).astype(float)
    right = meant * (rng.random(600) < 0.6)
    items = [
        Judged((OURS,), Example(np.array([[u]]), np.array([m]), m == 0), np.array([r]), "")
        for u, m, r in zip(utility, meant, right, strict=True)
    ]

    slope, intercept = _fit_calibration(items, [place % 2 for place in range(len(items))])

    choice = fit_choice([item.example for item in items])
    shares = np.array([best_share(item, choice)[0] for item in items])
    chances = calibrate.calibrate(shares, slope, intercept)
    assert shares.mean() == pytest.approx(meant.mean(), abs=0.01)
    for part in (slice(None), utility > 1.5, utility < -0.5):
        assert chances[part].mean() == pytest.approx(right[part].mean(), abs=0.05)


OURS, OTHER = Unit("a", UnitKind.FAQ, ""), Unit("x", UnitKind.BOUNDARY, "", expect="refuse")
PLAIN = Ranker(Choice(np.eye(len(NAMES))[0], 0.0))


def question(share: float, *, right: float = 0.0, ours: bool = True) -> Judged:
    """A question with one candidate, an entry, whose share and probability are the same number."""
    values = np.zeros((1, len(NAMES)))
    values[0, 0] = np.log(share / (1 - share))
    return Judged((OURS,), Example(values, np.array([right]), right == 0), np.array([right]), "" if ours else "refuse")


def cost_by_hand(items: Sequence[Judged], cutoffs: Cutoffs, costs: Costs) -> float:
    """Mean cost, decided question by question."""
    total = 0.0
    for item in items:
        share, right = best_share(item, PLAIN.choice)
        if share < cutoffs.answerable:
            total += 0.0 if item.expect else costs.refused_answerable
        elif share >= cutoffs.answer:
            total += costs.wrong_answer * (1 - right)
        elif item.expect:
            total += costs.suggested_unanswerable
        else:
            total += right * costs.helpful_suggestion + (1 - right) * costs.vain_suggestion
    return total / len(items)


def sample(seed: int, count: int = 40) -> list[Judged]:
    rng = np.random.default_rng(seed)
    drawn = []
    for share, chance, kind in rng.random((count, 3)):
        ours = bool(kind < 0.7)
        drawn.append(question(0.01 + 0.98 * share, right=float(ours and chance < share), ours=ours))
    return drawn


def test_cutoffs_by_hand() -> None:
    items = [
        question(0.9, right=1.0),
        question(0.5),  # ours, but the entry is the wrong one
        question(0.205, ours=False),
    ]

    cutoffs = fit_cutoffs(items, PLAIN, COSTS)

    # refuse the third for nothing, suggest for the second (0.4), answer the first for nothing
    assert 0.205 < cutoffs.answerable <= 0.5
    assert 0.5 < cutoffs.answer <= 0.9
    assert cost_by_hand(items, cutoffs, COSTS) == pytest.approx(0.4 / 3)


@settings(max_examples=8)
@given(seed=st.integers(0, 1000))
def test_no_other_cutoffs_cost_less(seed: int) -> None:
    items = sample(seed)
    grid = np.round(np.arange(0.02, 0.99, 0.08), 2)

    best = cost_by_hand(items, fit_cutoffs(items, PLAIN, COSTS), COSTS)

    assert best <= min(cost_by_hand(items, Cutoffs(low, high), COSTS) for low, high in product(grid, grid)) + 1e-9


def wrong_answers(items: Sequence[Judged], costs: Costs) -> float:
    return 40 * cost_by_hand(items, fit_cutoffs(items, PLAIN, costs), Costs(1.0, 0.0, 0.0, 0.0, 0.0))


def refusals(items: Sequence[Judged], costs: Costs) -> float:
    return 40 * cost_by_hand(items, fit_cutoffs(items, PLAIN, costs), Costs(0.0, 0.0, 0.0, 1.0, 0.0))


@settings(max_examples=8)
@given(seed=st.integers(0, 1000))
def test_what_costs_more_happens_less(seed: int) -> None:
    items = sample(seed)

    assert wrong_answers(items, replace(COSTS, wrong_answer=3.0)) <= wrong_answers(items, COSTS) + 1e-9
    assert wrong_answers(items, COSTS) <= wrong_answers(items, replace(COSTS, wrong_answer=0.0)) + 1e-9
    assert refusals(items, replace(COSTS, refused_answerable=3.0)) <= refusals(items, COSTS) + 1e-9


def test_only_boundaries_found() -> None:
    values = np.zeros((1, len(NAMES)))
    item = Judged((OTHER,), Example(values, np.zeros(1), none_right=True), np.zeros(1), "")

    assert best_share(item, PLAIN.choice) == (0.0, 0.0)
    assert fit_cutoffs([item, question(0.9, right=1.0)], PLAIN, COSTS).answer <= 0.9
