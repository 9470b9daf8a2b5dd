"""A version that a command builds, judges and approves, beside what the office does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from edits import add

from assistant.editing.errors import EditError
from kb.errors import StoreError

if TYPE_CHECKING:
    from conftest import Bench


def test_nobody_sweeps_away_what_a_trial_holds(bench: Bench) -> None:
    add(bench)
    with bench.publisher.trial() as fresh:
        assert [kept.version for kept in bench.publisher.versions()] == [bench.first]
        for act in (
            lambda: bench.publisher.prepare("张三", bench.say),
            lambda: bench.publisher.discard("张三"),
            lambda: bench.publisher.roll_back(fresh, "张三"),
        ):
            with pytest.raises(EditError) as caught:
                act()
            assert "有人正在" in caught.value.user_message
        bench.publisher.approve(fresh, "命令行", bench.first)
    assert bench.serving == fresh and len(bench.drafts.all()) == 1


def test_what_a_command_published_stays(bench: Bench) -> None:
    add(bench)
    with bench.publisher.trial() as fresh:
        bench.publisher.approve(fresh, "命令行", bench.first)
    newest = bench.space.build().id
    candidate = bench.publisher.prepare("张三", bench.say)

    told = [(kept.version, kept.author) for kept in bench.publisher.versions()]
    assert told == [(newest, ""), (fresh, "命令行"), (bench.first, "")]
    assert bench.space.store.versions() == [bench.first, fresh, newest, candidate.version]
    bench.publisher.roll_back(fresh, "张三")
    assert bench.serving == fresh


def test_a_trial_sweeps_what_a_killed_one_has_left_and_leaves_the_candidate(bench: Bench) -> None:
    add(bench)
    candidate = bench.publisher.prepare("张三", bench.say)
    left = bench.space.build(switch=False).id

    with pytest.raises(KeyboardInterrupt), bench.publisher.trial() as fresh:
        assert bench.space.store.versions() == [bench.first, candidate.version, fresh]
        assert left != fresh
        raise KeyboardInterrupt

    assert bench.space.store.versions() == [bench.first, candidate.version]
    bench.publisher.publish(candidate.version, "张三")
    assert bench.serving == candidate.version


def test_an_approval_that_comes_too_late_leaves_no_trace(bench: Bench) -> None:
    with pytest.raises(StoreError), bench.publisher.trial() as fresh:
        newest = bench.space.build().id
        bench.publisher.approve(fresh, "命令行", bench.first)
    assert bench.space.store.versions() == [bench.first, newest]
    assert bench.ledger.log() == ()


def test_an_interrupt_after_the_switch_does_not_undo_an_approval(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[tuple[str, str]] = []

    def crash(*_: object, **__: object) -> None:
        noted.extend((line.action, line.target) for line in bench.ledger.log())
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kb.store.Store._drop_old", crash)
        with pytest.raises(KeyboardInterrupt), bench.publisher.trial() as fresh:
            bench.publisher.approve(fresh, "命令行", bench.first)
    assert noted == [("publish", fresh)]  # so a kill at this moment would lose nothing either
    assert bench.serving == fresh
    newest = bench.space.build().id
    bench.publisher.roll_back(bench.first, "张三")
    assert bench.space.store.versions() == [bench.first, fresh, newest]
