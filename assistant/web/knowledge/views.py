"""Entries and uploads as HTML. Everything shown is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.editing.browse import STATES, Page, Row
from assistant.editing.uploads import ArticleUpload, TableUpload, Upload
from assistant.web.acts import act, chip, folded, lines, table
from assistant.web.markup import block, escape, notice
from kb.lint import Finding
from kb.readers.cells import COLUMNS, KIND_NAMES, to_cells
from kb.readers.tables import RowFault
from kb.records import Chunk, FaqEntry

_KINDS: Mapping[str, str] = {
    "draft": "warn",
    "new": "good",
    "gone": "bad",
    "outdated": "bad",
    "disabled": "",
    "expired": "bad",
}
_SHOWN = 200


def listing(page: Page[Row]) -> str:
    """The list of entries with a button for each."""
    rows = [
        (
            f"{escape(row.entry.question)}<small>{escape(row.entry.id)}</small>",
            f"{escape(row.entry.category)}<small>{escape(KIND_NAMES.get(row.entry.kind, row.entry.kind))}</small>",
            str(len(row.entry.alternates)),
            state_chips(row.states),
            act("open", "编辑", id=row.entry.id),
        )
        for row in page.rows
    ]
    return table(("标准问", "分类", "相似问", "状态", ""), rows, empty="没有符合条件的条目，换个词或清空筛选试试。")


def state_chips(states: Sequence[str]) -> str:
    """What an entry or an article is in."""
    return "".join(chip(STATES[state], _KINDS[state]) for state in states) or "已发布"


def counted(page: Page[Any]) -> str:
    """Where one is in the list."""
    return f'<p class="zd-note" aria-live="polite">共 {page.total:,} 条，第 {page.number} / {page.pages} 页</p>'


def finding_list(findings: Sequence[Finding]) -> str:
    """What the lint says about the entry or article at hand."""
    if not findings:
        return f'<p class="zd-note">{chip("检查通过", "good")}</p>'
    items = "".join(
        f"<li>{chip('错误', 'bad') if found.severity == 'error' else chip('提醒', 'warn')} "
        f"{f'第 {found.line} 行：' if found.line > 1 else ''}{block(found.message)}</li>"
        for found in findings
    )
    return f'<ul class="zd-list zd-findings">{items}</ul>'


def differences(published: FaqEntry | None, entry: FaqEntry) -> str:
    """Which fields differ from what is published, before and after."""
    if published is None:
        return '<p class="zd-note">新条目，发布前客户看不到。</p>'
    pairs = zip(COLUMNS, to_cells(published), to_cells(entry), strict=True)
    rows = [(escape(name), block(old), block(new)) for name, old, new in pairs if old != new]
    return table(("字段", "已发布", "改为"), rows, empty="与已发布的内容相同。")


def upload_view(upload: Upload) -> str:
    """What an upload would bring."""
    return _article(upload) if isinstance(upload, ArticleUpload) else _table(upload)


def _table(upload: TableUpload) -> str:
    counts = (
        f"新增 {len(upload.added)} 条，更新 {len(upload.changed)} 条，"
        f"不变 {len(upload.skipped)} 行，有问题 {len(upload.failed)} 行"
    )
    faults = [(str(fault.row), block(fault.reason)) for fault in upload.failed[:_SHOWN]]
    entries = [*((item, "新增") for item in upload.added), *((item, "更新") for item in upload.changed)]
    rows = [
        (
            chip(what, "good" if what == "新增" else "warn"),
            escape(item.question),
            block(item.answer.short),
            escape(item.id),
        )
        for item, what in entries[:50]
    ]
    more = f'<p class="zd-note">只显示前 50 条，共 {len(entries)} 条。</p>' if len(entries) > 50 else ""
    return (
        f"<p><strong>{counts}</strong></p>"
        + (_over(upload.drafted) if upload.drafted else "")
        + (f"<h3>有问题的行（不会导入，其余照常）</h3>{table(('行', '原因'), faults)}" if faults else "")
        + (f"<h3>将成为草稿</h3>{table(('', '标准问', '答案', '编号'), rows)}{more}" if rows else "")
        + _skipped(upload.skipped)
    )


def _over(names: Sequence[str]) -> str:
    shown = "、".join(names[:10]) + ("…" if len(names) > 10 else "")
    return notice(f"其中 {len(names)} 条已有草稿，放入后以这次的为准，可逐条撤销：{shown}")


def _skipped(faults: Sequence[RowFault]) -> str:
    inner = lines([f"第 {fault.row} 行：{fault.reason}" for fault in faults[:_SHOWN]])
    return folded(f"不变的 {len(faults)} 行", inner) if faults else ""


def chunk_table(chunks: Sequence[Chunk]) -> str:
    """How an article is cut: what is searched, piece by piece."""
    rows = [(escape(" › ".join(chunk.heading_path)), block(chunk.text), str(len(chunk.text))) for chunk in chunks[:60]]
    more = f'<p class="zd-note">只显示前 60 段，共 {len(chunks)} 段。</p>' if len(chunks) > 60 else ""
    return table(("标题", "段落", "字数"), rows) + more


def _article(upload: ArticleUpload) -> str:
    what = chip("替换现有文章", "warn") if upload.replaces else chip("新文章", "good")
    dropped = [f"第 {item.line_no} 行（{item.reason}）：{item.text}" for item in upload.dropped[:_SHOWN]]
    return (
        f"<p>{what} <strong>{escape(upload.title)}</strong>（{escape(upload.name)}），切成 {len(upload.chunks)} 段</p>"
        + (notice(f"{upload.drafted} 有这篇的草稿，放入后以这次的为准，可以撤销。") if upload.drafted else "")
        + chunk_table(upload.chunks)
        + (folded(f"去掉的页面杂项 {len(upload.dropped)} 行", lines(dropped)) if dropped else "")
    )
