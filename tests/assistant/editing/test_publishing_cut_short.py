"""A proof or a publication that is cut short leaves the old version or the new one, and nothing lying about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from edits import add, write

from assistant.editing.candidates import gone_on_failure
from assistant.editing.errors import EditError
from kb.corpus import corpus_digest
from kb.errors import CorpusError, StoreError

if TYPE_CHECKING:
    from conftest import Bench


def test_a_corpus_that_does_not_build_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    write(bench, "twice.md", "---\nid: stage\n---\n# 重\n\n编号重复。\n")
    add(bench)
    with pytest.raises(CorpusError) as caught:
        bench.publisher.prepare("张三", bench.say)
    assert "编号重复" in caught.value.user_message
    assert bench.serving == bench.first and bench.publisher.candidate() is None
    assert bench.space.store.versions() == [bench.first]


def test_a_proof_that_is_interrupted_leaves_no_version(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    add(bench)

    def stop(phrase: str, share: float) -> None:
        if phrase.startswith("新版本"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.publisher.prepare("张三", stop)
    assert bench.space.store.versions() == [bench.first]
    assert bench.publisher.candidate() is None


def test_a_version_that_a_killed_proof_has_left_is_swept(bench: Bench) -> None:
    add(bench)
    left = bench.space.build(switch=False, folder=bench.corpus)  # as if the process had ended right after
    published = bench.publisher.prepare("张三", bench.say).version
    assert left.id not in bench.space.store.versions()
    bench.publisher.publish(published, "张三")
    bench.publisher.roll_back(bench.first, "张三")
    add(bench)
    bench.publisher.prepare("张三", bench.say)
    assert published in bench.space.store.versions()  # it has served: it can serve again


@pytest.mark.parametrize(
    ("place", "moved"),
    [
        ("assistant.editing.switching.restore_originals", False),
        ("kb.originals.write_all", False),
        ("kb.atomic._move", True),
        ("kb.store.Store.switch", True),
    ],
)
def test_a_crash_while_switching_leaves_the_old_or_the_new_never_a_mixture(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, place: str, moved: bool
) -> None:
    add(bench)
    old = corpus_digest(bench.corpus)
    candidate = bench.publisher.prepare("张三", bench.say)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, crash)
        with pytest.raises(KeyboardInterrupt):
            bench.publisher.publish(candidate.version, "张三")
    assert bench.serving == bench.first

    bench.publisher.recover()

    assert bench.serving == (candidate.version if moved else bench.first)
    assert (corpus_digest(bench.corpus) == old) is not moved
    assert bench.space.stale() == ""
    assert (bench.drafts.all() == ()) is moved
    bench.publisher.recover()  # nothing is left to do
    if not moved:
        bench.publisher.publish(candidate.version, "张三")
        assert bench.serving == candidate.version


def test_a_version_that_a_killed_proof_has_left_is_not_listed(bench: Bench) -> None:
    left = bench.space.build(switch=False, folder=bench.corpus)
    assert left.id in bench.space.store.versions()
    assert [kept.version for kept in bench.publisher.versions()] == [bench.first]


def test_what_a_killed_command_has_left_is_not_gone_back_to_and_swept(bench: Bench) -> None:
    left = bench.space.build(switch=False).id  # as if the process had ended before anybody said yes
    newest = bench.space.build().id
    assert [kept.version for kept in bench.publisher.versions()] == [newest, bench.first]

    with pytest.raises(EditError) as caught:
        bench.publisher.roll_back(left, "张三")
    assert "没有发布过" in caught.value.user_message

    bench.publisher.roll_back(bench.first, "张三")
    assert bench.space.store.versions() == [bench.first, newest]


def test_what_hinders_clearing_away_does_not_hide_what_went_wrong(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(bench)

    def out_of_reach(*_: object) -> None:
        raise StoreError("no database", user_message="连不上向量库。")

    def stop(phrase: str, share: float) -> None:
        if phrase.startswith("新版本"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kb.store.Store.discard", out_of_reach)
        with pytest.raises(KeyboardInterrupt):
            bench.publisher.prepare("张三", stop)
        with pytest.raises(KeyboardInterrupt), gone_on_failure(bench.space.store, bench.first):
            raise KeyboardInterrupt
    proven = bench.publisher.prepare("张三", bench.say).version
    assert bench.space.store.versions() == [bench.first, proven]
