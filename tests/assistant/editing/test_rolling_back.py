"""Going back to a version that has served, with its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from edits import add, change

from assistant.editing.errors import EditError
from assistant.editing.ledger import note
from kb.corpus import corpus_digest
from kb.errors import StoreError
from kb.originals import read_originals

if TYPE_CHECKING:
    from conftest import Bench


def test_rollback_to_any_version_brings_its_files_along(bench: Bench) -> None:
    digests = {bench.first: corpus_digest(bench.corpus)}
    for category in ("甲", "乙"):
        change(bench, "open", category=category)
        version = bench.publisher.prepare("张三", bench.say).version
        bench.publisher.publish(version, "张三")
        digests[version] = corpus_digest(bench.corpus)
    change(bench, "close", category="丙")

    for version, digest in digests.items():
        if version != bench.serving:
            bench.publisher.roll_back(version, "李四")
            assert bench.serving == version
            assert corpus_digest(bench.corpus) == digest
            assert bench.space.stale() == ""

    assert [draft.target for draft in bench.drafts.all()] == ["entry:close"]
    assert bench.ledger.log()[0].action == "rollback" and bench.ledger.log()[0].author == "李四"
    with pytest.raises(EditError):
        bench.publisher.roll_back(bench.serving, "李四")


def test_a_rollback_keeps_what_an_import_wrote_while_it_waited(bench: Bench, request: pytest.FixtureRequest) -> None:
    change(bench, "open", category="甲")
    bench.publisher.publish(bench.publisher.prepare("张三", bench.say).version, "张三")
    request.getfixturevalue("late_import")

    aside = bench.publisher.roll_back(bench.first, "李四")

    assert aside is not None
    assert read_originals(aside)["articles/big.md"].decode() == "# 大\n\n刚导入的一篇。\n"
    assert bench.serving == bench.first and not (bench.corpus / "articles" / "big.md").exists()


def test_what_nobody_decided_on_is_not_rolled_back_to(bench: Bench) -> None:
    add(bench)
    candidate = bench.publisher.prepare("张三", bench.say)

    with pytest.raises(EditError) as caught:
        bench.publisher.roll_back(candidate.version, "李四")

    assert "没有发布过" in caught.value.user_message
    assert bench.serving == bench.first and bench.publisher.candidate() == candidate


def test_a_damaged_version_is_refused_before_anything_moves(bench: Bench) -> None:
    change(bench, "open", category="甲")
    bench.publisher.publish(bench.publisher.prepare("张三", bench.say).version, "张三")
    now = corpus_digest(bench.corpus)
    (bench.space.store.folder / "versions" / bench.first / "units.json").write_text("{}", "utf-8")
    serving = bench.serving

    with pytest.raises(StoreError):
        bench.publisher.roll_back(bench.first, "李四")
    assert (bench.serving, corpus_digest(bench.corpus)) == (serving, now)
    with pytest.raises(StoreError):
        bench.publisher.roll_back("../../x", "李四")


def test_versions_for_the_list(bench: Bench) -> None:
    change(bench, "open", category="甲")
    candidate = bench.publisher.prepare("张三", bench.say)
    (only,) = bench.publisher.versions()
    assert (only.version, only.serves, only.entries, only.whole, only.author) == (bench.first, True, 6, True, "")

    bench.publisher.publish(candidate.version, "李四")
    new, old = bench.publisher.versions()
    assert (new.version, new.serves, new.author) == (candidate.version, True, "李四")
    assert not old.serves


def test_who_published_is_told_however_much_was_logged_since(bench: Bench) -> None:
    change(bench, "open", category="甲")
    bench.publisher.publish(bench.publisher.prepare("张三", bench.say).version, "李四")
    with bench.ledger.writing() as connection:
        for number in range(1_001):
            note(connection, float(number), "张三", "draft", "entry:open")

    assert [kept.author for kept in bench.publisher.versions()] == ["李四", ""]
