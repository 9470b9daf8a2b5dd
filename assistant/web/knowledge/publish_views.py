"""Drafts, proof, versions and the audit log as HTML. Everything shown is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.editing.candidates import Candidate, Kept
from assistant.editing.ledger import Logged
from assistant.editing.proof import REAL, Asked, Change
from assistant.editing.records import Draft
from assistant.evaluation.names import DECISION_NAMES, PART_NAMES, figure_name
from assistant.web.acts import act, chip, folded, lines, table, when
from assistant.web.markup import block, escape
from kb.readers.cells import COLUMNS

_ORIGINS: Mapping[str, str] = {
    "edit": "编辑", "import": "导入", "cluster": "未答问题", "click": "点选确认", "staff": "员工确认",
}  # fmt: skip
_ACTIONS: Mapping[str, str] = {
    "draft": "保存草稿", "draft-many": "批量存草稿", "draft-undo": "撤销一次保存", "draft-discard": "丢弃草稿",
    "draft-discard-all": "丢弃全部草稿", "draft-same": "改回原样", "draft-remove": "存删除草稿", "proof": "核对", "proof-discard": "不发布",
    "publish": "发布", "rollback": "回到旧版本", "handoff-claim": "领取转人工", "handoff-release": "放回转人工",
    "handoff-answered": "处理转人工", "dismiss": "忽略建议",
}  # fmt: skip
_SHOWN = 200
# So many findings are read without being asked for.
_FEW = 20


def drafts_view(drafts: Sequence[Draft]) -> str:
    """All drafts, with what can be done about each."""
    rows = [
        (
            _title(draft),
            escape(draft.author)
            + f"<small>{when(draft.at)} · {escape(_ORIGINS.get(draft.origin, draft.origin))}</small>",
            act("open" if draft.entry else "open-article", "打开", id=draft.name)
            + act("undo", "撤销上次保存", target=draft.target)
            + act("discard", "丢弃", target=draft.target, ask="丢弃这条草稿？已发布的内容不变。"),
        )
        for draft in drafts[:_SHOWN]
    ]
    more = f'<p class="zd-note">只显示最近的 {_SHOWN} 条，共 {len(drafts)} 条。</p>' if len(drafts) > _SHOWN else ""
    return table(("草稿", "谁改的", ""), rows, empty="没有草稿。在「条目」里编辑并保存，就会出现在这里。") + more


def _title(draft: Draft) -> str:
    gone = chip("将删除", "bad") if draft.gone else ""
    if draft.entry is None:
        return f"{chip('文章')} {escape(draft.name)} {gone}"
    off = gone or (chip("停用") if not draft.entry.enabled else "")
    empty = chip("还没有答案", "bad") if not draft.entry.answer.short else ""
    return f"{escape(draft.entry.question)} {off}{empty}<small>{escape(draft.entry.id)}</small>"


def proof_view(candidate: Candidate | None, names: Mapping[str, str]) -> str:
    """What the version that waits gains and breaks, question by question; ``names`` are standard questions by id."""
    if candidate is None:
        return '<p class="zd-note">还没有核对。核对会另建一个新版本，把测试集和最近的真实提问在新旧两版上各问一遍，不影响线上。</p>'
    proof = candidate.proof
    broken, gained, changed = proof.of("broken"), proof.of("gained"), proof.of("changed")
    asked = "，".join(f"{_source(source)} {count} 题" for source, count in proof.asked.items()) or "没有可重放的题目"
    head = (
        f'<p class="zd-proof">{chip(f"变好 {len(gained)}", "good")}{chip(f"变坏 {len(broken)}", "bad" if broken else "")}'
        f"{chip(f'其他变化 {len(changed)}')}<small>{escape(candidate.author)} {when(candidate.at)} 核对 · {asked}</small></p>"
    )
    return (
        head
        + folded(f"变坏的 {len(broken)} 题", _changes(broken, names, "没有一题变坏。"), opened=True)
        + folded(f"变好的 {len(gained)} 题", _changes(gained, names, "没有一题变好。"), opened=True)
        + folded(f"其他变化的 {len(changed)} 题", _changes(changed, names, "没有。"))
        + folded("指标", _figures(proof.figures))
        + folded(
            f"删除的条目和新出现的检查提示 {len(proof.findings)} 条",
            lines(proof.findings[:_SHOWN]) or "没有",
            opened=0 < len(proof.findings) <= _FEW,
        )
    )


def _changes(changes: Sequence[Change], names: Mapping[str, str], empty: str) -> str:
    rows = [
        (
            f"{block(change.after.question)}<small>{_source(change.after.source)}</small>",
            _reply(change.before, names),
            _reply(change.after, names),
        )
        for change in changes[:_SHOWN]
    ]
    return table(("问题", "现在的版本", "新版本"), rows, empty=empty)


def _reply(asked: Asked, names: Mapping[str, str]) -> str:
    right = "" if asked.correct is None else chip("对", "good") if asked.correct else chip("错", "bad")
    decision = DECISION_NAMES.get(asked.decision, asked.decision)
    named = escape(names.get(asked.entry, asked.entry))
    return f"{right}{escape(decision)} <b>{asked.probability:.0%}</b><small>{named}</small>"


def _figures(figures: Mapping[str, tuple[float | None, float | None]]) -> str:
    rows = [(escape(figure_name(name)), _number(old), _number(new)) for name, (old, new) in figures.items()]
    return table(("指标", "现在", "新版本"), rows, empty="各项指标都没有变化。")


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:g}"


def _source(source: str) -> str:
    return "真实提问" if source == REAL else f"测试题·{PART_NAMES.get(source, source)}"


def versions_view(versions: Sequence[Kept]) -> str:
    """The versions that can serve again."""
    rows = [
        (
            escape(kept.created.replace("T", " ")[:16]) + f"<small>{escape(kept.version)}</small>",
            f"{kept.entries} 条",
            escape(kept.author) or "—",
            chip("正在服务", "good")
            if kept.serves
            else act(
                "rollback",
                "回到这个版本",
                target=kept.version,
                ask="让这个版本立即服务，并把知识库文件换回当时的内容？草稿保留。",
            )
            if kept.whole
            else "没有保存当时的文件",
        )
        for kept in versions
    ]
    return table(("建成时间（UTC）", "条目", "发布人", ""), rows)


def audit_view(log: Sequence[Logged]) -> str:
    """Who changed what, and when."""
    rows = [
        (
            when(line.at),
            escape(line.author),
            escape(_ACTIONS.get(line.action, line.action)),
            escape(line.target.partition(":")[2] or line.target),
            _detail(line.detail),
        )
        for line in log
    ]
    return table(("时间", "谁", "做了什么", "对象", "内容"), rows, empty="还没有记录。")


def _detail(detail: Mapping[str, object]) -> str:
    before, after = detail.get("before"), detail.get("after")
    if isinstance(after, Mapping):
        old = before if isinstance(before, Mapping) else {}
        names = sorted(name for name in {*old, *after} if old.get(name) != after.get(name))
        labels = {field: label for label, field in COLUMNS.items()} | {"answer": "答案"}
        shown = "".join(
            f"<p><b>{escape(labels.get(name, name))}</b>：{_value(old.get(name))} → {_value(after.get(name))}</p>"
            for name in names
        )
        return folded("、".join(labels.get(name, name) for name in names), shown) if names else ""
    known = {"gained": "变好", "broken": "变坏", "count": "共", "drafts": "草稿", "characters": "字数"}
    return escape("，".join(f"{word} {detail[name]}" for name, word in known.items() if detail.get(name)))


def _value(value: object) -> str:
    if isinstance(value, list):
        return block("；".join(map(str, value)))
    if isinstance(value, Mapping):
        return block("；".join(f"{value[name]}" for name in value))
    return "（空）" if value is None else block(str(value))
