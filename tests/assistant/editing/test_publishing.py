from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from edits import NEW, add, best, change, write

from assistant.editing.errors import ConflictError, EditError
from assistant.editing.revisions import Saved
from assistant.editing.revisions import add as add_row
from kb.corpus import corpus_digest, load_corpus
from kb.records import StructuredAnswer

if TYPE_CHECKING:
    from conftest import Bench


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
