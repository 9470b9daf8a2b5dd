from __future__ import annotations

from assistant.web.preview import preview
from kb.lexicon import Lexicon
from kb.records import Document, FaqEntry, Section, StructuredAnswer
from kb.snapshot import Knowledge

KNOWLEDGE = Knowledge(
    (FaqEntry("open", "怎么开通", StructuredAnswer("在钱包里。", "以页面为准。", ("打开钱包", "点月付"))),),
    (Document("art", "说明", "年满十八岁。\n"),),
    (Section("art#1", "art", ("说明", "条件"), 0, 7),),
    Lexicon(),
)


def test_entries_and_sections_as_text() -> None:
    assert preview("open", KNOWLEDGE) == ("怎么开通", "在钱包里。\n1. 打开钱包\n2. 点月付\n以页面为准。")
    assert preview("art#1", KNOWLEDGE) == ("说明 › 条件", "年满十八岁。")
    assert preview("gone", KNOWLEDGE) == ("gone", "")
