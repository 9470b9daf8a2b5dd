from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from assistant.editing.candidates import gone_on_failure
from assistant.editing.errors import ConflictError, EditError
from assistant.editing.ledger import note
from assistant.editing.revisions import Saved
from assistant.editing.revisions import add as add_row
from kb.corpus import corpus_digest, load_corpus
from kb.errors import CorpusError, StoreError
from kb.originals import read_originals
from kb.records import FaqEntry, StructuredAnswer

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Bench

NEW = FaqEntry("stage", "月付能分成几期还", StructuredAnswer("最多 12 期，以页面为准。"), ("账单分期最多几个月",))


def add(bench: Bench, entry: FaqEntry = NEW) -> None:
    bench.drafts.save(entry, bench.drafts.open(entry.id).token, "张三")


def change(bench: Bench, name: str, **changes: object) -> None:
    opened = bench.drafts.open(name)
    assert opened.entry is not None
    bench.drafts.save(replace(opened.entry, **changes), opened.token, "张三")  # type: ignore[arg-type]


def write(bench: Bench, name: str, text: str) -> None:
    bench.drafts.save_article(name, text, bench.drafts.open_article(name).token, "张三")


def best(bench: Bench, question: str) -> str:
    return bench.space.open().searcher.search(question).hits[0].entry


@pytest.fixture
def late_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gets the lock of the corpus had to wait for an import, which has just written an article."""

    def recovered(folder: Path) -> None:
        (folder / "articles" / "big.md").write_text("# 大\n\n刚导入的一篇。\n", "utf-8")

    monkeypatch.setattr("kb.atomic._recovered", recovered)


def test_nothing_to_publish(bench: Bench) -> None:
    with pytest.raises(EditError) as caught:
        bench.publisher.prepare("张三", bench.say)
    assert "没有草稿" in caught.value.user_message


def test_proof_then_publish(bench: Bench) -> None:
    add(bench)
    change(bench, "close", enabled=False)
    before = corpus_digest(bench.corpus)
    bench.asked = ["月付能分成几期还", "抖音月付怎么还款", "月付能分成几期还"]

    candidate = bench.publisher.prepare("张三", bench.say)

    assert bench.serving == bench.first
    assert corpus_digest(bench.corpus) == before
    assert candidate.proof.asked == {"answerable": 2, "real": 2}
    broken = candidate.proof.of("broken")
    assert [(item.before.id, item.before.entry, item.before.correct, item.after.correct) for item in broken] == [
        ("a2", "close", True, False)
    ]
    (gained,) = candidate.proof.of("gained")
    assert (gained.after.question, gained.after.entry) == ("月付能分成几期还", "stage")
    assert gained.after.probability > gained.before.probability
    assert candidate.proof.figures["answerable.answered_correct"] == (1.0, 0.5)
    assert any("「stage」只有 1 个相似问" in found for found in candidate.proof.findings)
    assert "新版本：真实提问" in bench.said
    assert bench.publisher.candidate() == candidate
    assert list((bench.space.store.folder / "staging").iterdir()) == []

    bench.publisher.publish(candidate.version, "李四")

    assert bench.serving == candidate.version
    assert best(bench, "月付能分成几期还") == "stage"
    assert bench.drafts.all() == ()
    assert bench.publisher.candidate() is None
    assert bench.space.stale() == ""
    entries = {entry.id: entry for entry in load_corpus(bench.corpus).entries}
    assert entries["stage"] == NEW and not entries["close"].enabled
    assert "question: 月付能分成几期还" in (bench.corpus / "faq" / "added.yaml").read_text("utf-8")
    assert [(line.author, line.action) for line in bench.ledger.log()][:2] == [("李四", "publish"), ("张三", "proof")]


def test_a_discarded_candidate_leaves_no_version_and_keeps_the_drafts(bench: Bench) -> None:
    add(bench)
    candidate = bench.publisher.prepare("张三", bench.say)
    bench.publisher.discard("李四")

    assert bench.space.store.versions() == [bench.first]
    assert len(bench.drafts.all()) == 1
    with pytest.raises(EditError):
        bench.publisher.publish(candidate.version, "张三")
    assert bench.serving == bench.first


def test_a_second_proof_takes_the_place_of_the_first(bench: Bench) -> None:
    add(bench)
    first = bench.publisher.prepare("张三", bench.say)
    second = bench.publisher.prepare("李四", bench.say)
    assert bench.space.store.versions() == [bench.first, second.version]
    with pytest.raises(EditError):
        bench.publisher.publish(first.version, "张三")


def test_what_is_saved_after_the_proof_waits_for_the_next(bench: Bench) -> None:
    add(bench)
    candidate = bench.publisher.prepare("张三", bench.say)
    change(bench, "stage", category="分期")
    change(bench, "open", category="甲")
    bench.drafts.all()  # as the list on the page asks after every save

    bench.publisher.publish(candidate.version, "张三")

    left = {draft.target: draft for draft in bench.drafts.all()}
    assert set(left) == {"entry:stage", "entry:open"}
    assert left["entry:stage"] == bench.drafts.open("stage").draft
    assert not bench.drafts.open("stage").outdated
    again = bench.publisher.prepare("张三", bench.say)
    bench.publisher.publish(again.version, "张三")
    assert {entry.id: entry.category for entry in load_corpus(bench.corpus).entries}["stage"] == "分期"


def test_a_corpus_that_moved_after_the_proof_asks_for_another(bench: Bench) -> None:
    add(bench)
    candidate = bench.publisher.prepare("张三", bench.say)
    (bench.corpus / "facts.md").write_text("# 新\n", "utf-8")

    with pytest.raises(EditError) as caught:
        bench.publisher.publish(candidate.version, "张三")

    assert "重新核对" in caught.value.user_message
    assert bench.serving == bench.first and len(bench.drafts.all()) == 1


@pytest.mark.usefixtures("late_import")
def test_an_import_that_ends_while_a_publication_waits_asks_for_another_proof(bench: Bench) -> None:
    add(bench)
    candidate = bench.publisher.prepare("张三", bench.say)

    with pytest.raises(EditError) as caught:
        bench.publisher.publish(candidate.version, "张三")

    assert "重新核对" in caught.value.user_message
    assert (bench.corpus / "articles" / "big.md").exists()
    assert bench.serving == bench.first and len(bench.drafts.all()) == 1
    bench.publisher.recover()
    assert bench.serving == bench.first and bench.publisher.candidate() == candidate


def test_a_draft_over_changed_ground_is_not_published(bench: Bench) -> None:
    change(bench, "open", category="甲")
    text = (bench.corpus / "faq" / "a.yaml").read_text("utf-8")
    (bench.corpus / "faq" / "a.yaml").write_text(text.replace("开通的说明", "开通的新说明"), "utf-8")
    with pytest.raises(ConflictError) as caught:
        bench.publisher.prepare("张三", bench.say)
    assert "open" in caught.value.user_message


def test_files_changed_by_hand_are_published_with_proof_too(bench: Bench) -> None:
    text = (bench.corpus / "faq" / "a.yaml").read_text("utf-8")
    (bench.corpus / "faq" / "a.yaml").write_text(text.replace("开通的说明", "开通的新说明"), "utf-8")
    candidate = bench.publisher.prepare("张三", bench.say)
    assert bench.serving == bench.first
    bench.publisher.publish(candidate.version, "张三")
    assert bench.space.stale() == ""


def test_an_article_is_published(bench: Bench) -> None:
    write(bench, "fee.md", "---\nid: art-fee\ntitle: 费用\n---\n# 费用\n\n月付没有年费。\n")
    candidate = bench.publisher.prepare("张三", bench.say)
    bench.publisher.publish(candidate.version, "张三")
    assert (bench.corpus / "articles" / "fee.md").read_text("utf-8").endswith("月付没有年费。\n")
    assert bench.drafts.all() == ()


def test_an_article_cannot_leave_its_folder(bench: Bench) -> None:
    """Not even where the ledger itself was written to by somebody else."""
    saved = Saved("article:../../evil.md", {"text": "# 费用\n\n月付没有年费。\n"}, "", "张三", 0.0, "edit")
    with bench.ledger.writing() as connection:
        add_row(connection, saved)
    candidate = bench.publisher.prepare("张三", bench.say)
    bench.publisher.publish(candidate.version, "张三")
    assert (bench.corpus / "articles" / "evil.md").exists()
    assert not (bench.corpus.parent / "evil.md").exists()


def test_a_deletion_is_proven_published_and_taken_back(bench: Bench) -> None:
    rows = [{"id": "g1", "question": "月付怎么关掉", "entries": ["close"]}]
    (bench.corpus / "questions" / "answerable.jsonl").write_text(json.dumps(rows[0]) + "\n", "utf-8")
    change(bench, "open", answer=StructuredAnswer("先看「抖音月付怎么关闭」。"))
    files = {path.name: path.read_text("utf-8") for path in (bench.corpus / "faq").iterdir()}
    for target in ("entry:close", "entry:early", "article:open.md"):
        opened = bench.drafts.open_article("open.md") if "article" in target else bench.drafts.open(target[6:])
        bench.drafts.remove(target, opened.token, "张三")

    candidate = bench.publisher.prepare("张三", bench.say)

    said = candidate.proof.findings
    assert {"将删除「抖音月付怎么关闭」", "将删除「open.md」"} <= set(said)
    assert "删除「close」之后，事实 F010 没有别的条目或文章说到" in said
    assert "「open」的答案还提到要删除的「抖音月付怎么关闭」" in said
    assert any("以「close」为答案，知识库里没有它" in line for line in said)
    assert [item.before.id for item in candidate.proof.of("broken")] == ["g1"]
    assert best(bench, "月付怎么关掉") == "close"

    bench.publisher.publish(candidate.version, "李四")

    corpus = load_corpus(bench.corpus)
    assert [entry.id for entry in corpus.entries] == ["open", "repay", "limit", "bill"]
    assert corpus.documents == () and bench.drafts.all() == ()
    assert best(bench, "月付怎么关掉") != "close"
    assert bench.space.stale() == ""

    bench.publisher.roll_back(bench.first, "李四")
    assert {path.name: path.read_text("utf-8") for path in (bench.corpus / "faq").iterdir()} == files
    assert best(bench, "月付怎么关掉") == "close"
    assert (bench.corpus / "articles" / "open.md").exists()


def test_what_is_saved_over_a_deletion_after_the_proof_is_a_new_entry(bench: Bench) -> None:
    bench.drafts.remove("entry:close", bench.drafts.open("close").token, "张三")
    candidate = bench.publisher.prepare("张三", bench.say)
    change(bench, "close", category="甲")
    bench.publisher.publish(candidate.version, "张三")
    assert bench.drafts.open("close").published is None and not bench.drafts.open("close").outdated
    bench.publisher.publish(bench.publisher.prepare("张三", bench.say).version, "张三")
    assert {entry.id: entry.category for entry in load_corpus(bench.corpus).entries}["close"] == "甲"


def test_the_wording_of_drafts_is_checked_before_they_are_published(bench: Bench) -> None:
    (bench.corpus / "policy.yaml").write_text("rules: [{id: r1, message: 不许诺, patterns: [包过]}]\n", "utf-8")
    change(bench, "open", answer=StructuredAnswer("包过。"))
    assert any("违反口径 r1" in line for line in bench.publisher.prepare("张三", bench.say).proof.findings)


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


def test_who_published_is_told_however_much_was_logged_since(bench: Bench) -> None:
    change(bench, "open", category="甲")
    bench.publisher.publish(bench.publisher.prepare("张三", bench.say).version, "李四")
    with bench.ledger.writing() as connection:
        for number in range(1_001):
            note(connection, float(number), "张三", "draft", "entry:open")

    assert [kept.author for kept in bench.publisher.versions()] == ["李四", ""]


def test_one_publisher_at_a_time(bench: Bench) -> None:
    add(bench)
    refused: list[str] = []

    def meanwhile(phrase: str, share: float) -> None:
        if not refused:
            with pytest.raises(EditError) as caught:
                bench.publisher.roll_back(bench.first, "李四")
            refused.append(caught.value.user_message)

    bench.publisher.prepare("张三", meanwhile)
    assert "有人正在" in refused[0]
