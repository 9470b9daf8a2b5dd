from __future__ import annotations

from assistant.editing.browse import ArticleRow, Page
from assistant.editing.records import Draft, OpenedArticle
from assistant.web.knowledge.article_views import article_differences, article_heading, article_list

NASTY = "<img src=x onerror=alert(1)>{{1}}"


def draft(base: str = "", *, gone: bool = False) -> Draft:
    return Draft(f"article:{NASTY}", None, NASTY, base, NASTY, 1.0, "edit", 1, gone)


def test_nothing_that_people_wrote_becomes_markup() -> None:
    made = "".join(
        (
            article_list(Page((ArticleRow(NASTY, NASTY, NASTY, 1, ("draft", "gone")),), 1, 1, 1)),
            article_heading(OpenedArticle(NASTY, NASTY, NASTY, draft(gone=True), "")),
            article_differences("甲\n", f"{NASTY}\n"),
        )
    )
    assert "<img" not in made and "{{" not in made and "将删除" in made


def test_the_heading_tells_what_is_to_be_known() -> None:
    assert "新文章" in article_heading(OpenedArticle("a.md", "", "", None, ""))
    assert "草稿" not in article_heading(OpenedArticle("a.md", "甲", "甲", None, ""))
    told = article_heading(OpenedArticle("a.md", "甲", "乙", draft(gone=True), ""))
    assert "将在发布时删除" in told and "又被改过" in told


def test_differences_are_the_changed_lines() -> None:
    made = article_differences("一\n---\n三\n", "一\n---\n四\n+五\n")
    assert made.count("<li") == 3
    assert "－ 三" in made and "＋ 四" in made and "＋ +五" in made
    assert "相同" in article_differences("一\n", "一\n")
    assert "新文章" in article_differences("", "一\n")
