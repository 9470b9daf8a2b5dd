from __future__ import annotations

from assistant.editing.browse import Page, Row
from assistant.editing.candidates import Candidate, Kept
from assistant.editing.ledger import Logged
from assistant.editing.proof import Asked, Change, Proof
from assistant.editing.records import Draft
from assistant.editing.uploads import ArticleUpload, TableUpload
from assistant.web.knowledge.publish_views import audit_view, drafts_view, proof_view, versions_view
from assistant.web.knowledge.views import counted, differences, finding_list, listing, upload_view
from kb.exchange.furniture import Dropped
from kb.lint import Finding
from kb.readers.tables import RowFault
from kb.records import Chunk, FaqEntry, StructuredAnswer

NASTY = "<img src=x onerror=alert(1)>{{1}}"
ENTRY = FaqEntry(NASTY, NASTY, StructuredAnswer(NASTY, steps=(NASTY,)), (NASTY,), category=NASTY)
DRAFT = Draft(f"entry:{NASTY}", ENTRY, "", "", NASTY, 1.0, NASTY, 1)


def asked(decision: str, entry: str, probability: float, correct: bool | None) -> Asked:
    return Asked("q1", "answerable", NASTY, decision, entry, probability, correct)


CHANGE = Change("broken", asked("answer", "close", 0.93, True), asked("refuse", "", 0.07, False))
CANDIDATE = Candidate(
    "v2", "v1", "d", 1, NASTY, 1.0, Proof({"answerable": 3}, (CHANGE,), {"auroc": (0.9, None)}, (NASTY,))
)


def test_nothing_that_people_wrote_becomes_markup() -> None:
    made = "".join(
        (
            listing(Page((Row(ENTRY, ("draft", "new")),), 1, 1, 1)),
            finding_list([Finding("error", "same-form", NASTY, 1, NASTY)]),
            differences(FaqEntry("a", "b", StructuredAnswer("c")), ENTRY),
            upload_view(TableUpload((ENTRY,), (ENTRY,), (RowFault(2, NASTY),), (RowFault(3, NASTY),))),
            upload_view(
                ArticleUpload(
                    NASTY,
                    NASTY,
                    NASTY,
                    (Chunk("c", "d", "s", (NASTY,), 0, 1, NASTY),),
                    (Dropped(1, NASTY, NASTY),),
                    True,
                )
            ),
            drafts_view([DRAFT, Draft(f"article:{NASTY}", None, NASTY, "", NASTY, 1.0, "import", 2)]),
            proof_view(CANDIDATE, {"close": NASTY}),
            versions_view([Kept(NASTY, NASTY, 3, False, True, NASTY)]),
            audit_view(
                [
                    Logged(
                        1,
                        1.0,
                        NASTY,
                        "draft",
                        NASTY,
                        {"before": {"a": NASTY}, "after": {"a": [NASTY], NASTY: {"x": NASTY}}},
                    )
                ]
            ),
        )
    )
    assert "<img" not in made and "{{" not in made


def test_the_proof_tells_both_sides() -> None:
    made = proof_view(CANDIDATE, {"close": "怎么关闭"})
    assert "变坏 1" in made and "变好 0" in made
    assert "93%" in made and "7%" in made and "怎么关闭" in made and "拒答" in made
    assert "区分能力 AUROC" in made
    assert "还没有核对" in proof_view(None, {})


def test_what_serves_cannot_be_gone_back_to() -> None:
    made = versions_view([Kept("v2", "", 3, True, True, ""), Kept("v1", "", 3, False, False, "")])
    assert "正在服务" in made and "没有保存当时的文件" in made and "data-do" not in made


def test_empty_lists_say_what_to_do() -> None:
    assert "清空筛选" in listing(Page((), 1, 1, 0)) and "共 0 条" in counted(Page((), 1, 1, 0))
    assert "没有草稿" in drafts_view([])
    assert "检查通过" in finding_list([])
    assert "新条目" in differences(None, ENTRY)
    assert "还没有记录" in audit_view([])
