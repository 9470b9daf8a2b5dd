"""The made corpora of ``benchmarks/scale`` are what its README section says, and its picture shows its figures."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
from fakes import FakeEmbedder

from benchmarks.scale.child import by_step
from benchmarks.scale.plot import Chart, svg
from benchmarks.scale.recall import recall
from benchmarks.scale.variations import Copy, Entry, copies
from kb.dense import FaissIndex, Vectors
from kb.query import Analyzer
from kb.search import Searcher
from kb.store import Version


def unit_vectors(count: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, 16))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def entries() -> list[Entry]:
    texts = [("月付怎么开通", "在哪里打开月付", "想用月付要点哪里"), ("账单日是哪天", "月付几号出账")]
    return [Entry(f"e{place}", forms, unit_vectors(len(forms), place)) for place, forms in enumerate(texts)]


def made(count: int, seed: int = 1) -> list[Copy]:
    return list(copies(entries(), count, seed))


def test_as_many_forms_as_wanted_and_the_real_ones_first() -> None:
    found = made(47)
    assert sum(len(copy.entry.forms) for copy in found) == 47
    assert {copy.entry.forms for copy in found[:2]} == {entry.forms for entry in entries()}
    assert len({copy.entry.id for copy in found}) == len(found)


def test_every_form_has_its_own_unit_vector() -> None:
    for copy in made(40):
        assert copy.entry.vectors.shape == (len(copy.entry.forms), 16)
        assert len(set(copy.entry.forms)) == len(copy.entry.forms)
        np.testing.assert_allclose(np.linalg.norm(copy.entry.vectors, axis=1), 1, atol=1e-5)


def test_copies_differ_from_their_originals_and_a_seed_makes_the_same_again() -> None:
    original = entries()
    varied = [copy for copy in made(60) if copy.number]
    assert any("月付" not in form for copy in varied if copy.of == 0 for form in copy.entry.forms)
    assert all(not np.allclose(copy.entry.vectors[0], original[copy.of].vectors[0]) for copy in varied)
    assert [copy.entry.forms for copy in made(60)] == [copy.entry.forms for copy in made(60)]


def test_recall_counts_what_is_truly_near() -> None:
    vectors, queries = unit_vectors(400, 3), unit_vectors(20, 4)
    assert recall(FaissIndex.build(vectors), queries, vectors) == {"@10": 1.0, "@160": 1.0}
    assert recall(FaissIndex.build(-vectors), queries, vectors)["@10"] == 0.0


def test_every_step_of_a_question_is_timed_once(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    """The steps are found by their names: one that has moved is measured no more."""
    searcher = Searcher.open(tiny_version, tiny_analyzer, FakeEmbedder())
    counts = {step: len(times) for step, times in by_step(searcher, ["月付怎么开通", "账单日是哪天"]).items()}
    assert counts == {"analyse": 2, "encode": 0, "dense": 2, "bm25": 2, "rank": 2}  # the fake encodes


def test_the_picture_draws_every_point_and_labels_do_not_cover_each_other() -> None:
    picture = ElementTree.fromstring(  # noqa: S314 - our own text
        svg([Chart("毫秒", {"一": [(10, 1), (100, 2)], "二": [(10, 1), (100, 2.1)], "空": [(10, 0)]})])
    )
    space = "{http://www.w3.org/2000/svg}"
    assert len(picture.findall(f".//{space}circle")) == 4
    labels = {text.text: float(text.get("y", "")) for text in picture.findall(f".//{space}text")}
    assert labels["一"] - labels["二"] >= 12
    assert "空" not in labels
