"""Articles as HTML: the list, the sheet's heading, what differs. Everything shown is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from assistant.editing.browse import ArticleRow, Page
from assistant.editing.records import OpenedArticle
from assistant.web.acts import act, table, when
from assistant.web.knowledge.views import state_chips
from assistant.web.markup import block, escape, notice

_SHOWN = 400


def article_list(page: Page[ArticleRow]) -> str:
    """The list of articles with a button for each."""
    rows = [
        (
            f"{escape(row.title)}<small>{escape(row.name)}</small>",
            escape(row.category) or "—",
            f"{row.characters:,}",
            state_chips(row.states),
            act("open-article", "编辑", id=row.name),
        )
        for row in page.rows
    ]
    return table(("文章", "分类", "字数", "状态", ""), rows, empty="没有符合条件的文章，换个词，或到「导入」上传。")


def article_heading(opened: OpenedArticle) -> str:
    """Whose draft it is, and what is to be known before it is changed."""
    draft = opened.draft
    if draft is None:
        return "<h2>新文章</h2>" if not opened.published else f"<h2>{escape(opened.name)}</h2>"
    by = f'<p class="zd-note">草稿：{escape(draft.author)} 存于 {when(draft.at)}</p>'
    gone = notice("这篇将在发布时删除。要留下它，请撤销上次保存，或再保存一次。") if draft.gone else ""
    clash = notice("这篇在存草稿之后又被改过（见下面的差别）。确认要用这份草稿就再保存一次，否则请撤销。")
    return f"<h2>{escape(opened.name)}</h2>{by}{gone}{clash if opened.outdated else ''}"


def article_differences(published: str, text: str) -> str:
    """Which lines differ from what is published."""
    if not published:
        return '<p class="zd-note">新文章，发布前客户看不到。</p>'
    changed = list(_changed(published, text))
    if not changed:
        return '<p class="zd-note">与已发布的内容相同。</p>'
    more = f'<p class="zd-note">只显示前 {_SHOWN} 行。</p>' if len(changed) > _SHOWN else ""
    shown = "".join(f'<li class="{css}">{sign} {block(line)}</li>' for sign, css, line in changed[:_SHOWN])
    return f'<ul class="zd-list zd-lines">{shown}</ul>{more}'


def _changed(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    """Changed lines with a sign and a class; the first two lines of the difference name files, others say where it is."""
    lines = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    for number, line in enumerate(lines):
        if number > 1 and line[:1] in "+-":
            yield ("＋", "zd-good", line[1:]) if line[0] == "+" else ("－", "zd-bad", line[1:])
