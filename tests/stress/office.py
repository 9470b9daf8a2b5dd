"""The staff's pages at full size: ten thousand entries, an article of two hundred pages, a rollback while people ask.

Everything runs through the same tools as the pages, with an encoder that costs nothing: what is measured is our own work
on entries, files and pages, not that of the model.
"""

from __future__ import annotations

import csv
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from assistant.editing.browse import PAGE, Wanted, browse
from assistant.editing.checks import check
from assistant.editing.desk import Tools, lay_out
from assistant.editing.uploads import ArticleUpload, TableUpload, keep, preview
from assistant.web.knowledge.publish_views import drafts_view, proof_view
from assistant.web.knowledge.views import listing, upload_view
from assistant.web.staff.findings import findings
from kb.exchange.exporting import export_faq
from kb.records import FaqEntry, StructuredAnswer
from kb.workspace import Workspace
from stress import traffic, world
from stress.records import Result, say

_THINGS = (
    "账单",
    "额度",
    "优惠券",
    "退款",
    "合同",
    "发票",
    "会员",
    "积分",
    "地址",
    "订单",
    "包裹",
    "密码",
    "头像",
    "实名",
)
_ACTS = (
    "怎么查询",
    "怎么修改",
    "在哪里看",
    "为什么没有",
    "可以取消吗",
    "多久到",
    "怎么开通",
    "怎么关闭",
    "能补吗",
    "算错了",
)
_WHERE = ("网页版", "手机端", "小程序", "门店", "海外站", "企业版", "学生版", "老年版", "直播间", "团购页")
_CHARACTERS_PER_PAGE = 1_500
_TODAY = date(2026, 11, 26)


@dataclass
class _Bench:
    """A small world with the editors' tools over it, what went wrong so far, and what was measured."""

    space: Workspace
    tools: Tools
    faults: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        began, worked = time.monotonic(), _worked()
        yield
        took = round(time.monotonic() - began, 2)
        self.figures[f"{name}（秒）"] = took
        self.figures[f"{name}（处理器秒）"] = round(_worked() - worked, 2)
        say(f"{name} {took} 秒，处理器 {self.figures[f'{name}（处理器秒）']} 秒")

    def expect(self, holds: bool, fault: str) -> None:
        if not holds:
            self.faults.append(fault)


def run(folder: Path, entries: int, pages: int, seconds: float, *, seed: int) -> Result:
    """Import and publish ``entries`` new entries and an article of ``pages`` pages, browse and search them, roll back
    under traffic for ``seconds``; all below ``folder``.
    """
    world.make(folder / "world")
    space = world.space(folder / "world")
    bench = _Bench(space, lay_out(space))
    draw = random.Random(seed)  # noqa: S311 - a seeded sample, no secret
    _import(bench, folder, entries, draw)
    _publish(bench, f"{entries} 条新条目")
    _browse(bench, "发布后", draw)
    _search(bench, draw)
    _article(bench, folder, pages, draw)
    bench.figures["内存峰值（MB）"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNITS_PER_MB)
    asked, faults = traffic.roll_back_and_forth(bench.space, bench.tools, seconds)
    bench.figures |= asked
    return Result("office", entries, (*bench.faults, *faults), bench.figures)


_UNITS_PER_MB = 1_048_576 if sys.platform == "darwin" else 1_024


def new_entries(count: int, draw: random.Random) -> list[FaqEntry]:
    """Entries that differ from each other in what they ask, six alternates each."""
    made = []
    for number in range(count):
        thing, act, where = draw.choice(_THINGS), draw.choice(_ACTS), draw.choice(_WHERE)
        asked = f"{where}{number}号{thing}"
        alternates = tuple(f"{asked}{other}" for other in draw.sample(_ACTS, 7) if other != act)[:6]
        answer = StructuredAnswer(f"{asked}：在{where}里处理。", steps=(f"打开{where}", f"点{thing}"))
        made.append(FaqEntry(f"n{number}", f"{asked}{act}", answer, alternates, category=thing, checked_on=_TODAY))
    return made


def _import(bench: _Bench, folder: Path, count: int, draw: random.Random) -> None:
    """Both kinds of table; every hundredth row is bad, and just those are to be listed."""
    good = new_entries(count, draw)
    export_faq(good, folder / "good.csv", "csv")
    with (folder / "good.csv").open(encoding="utf-8-sig", newline="") as stream:
        head, *rows = list(csv.reader(stream))
    bad = {number + 2 for number in range(0, count, 100)}
    for line in bad:
        rows[line - 2][head.index("标准问")] = ""
    with (folder / "rows.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    export_faq(good, folder / "rows.xlsx", "xlsx")
    for name, failed, added in (("rows.csv", bad, count - len(bad)), ("rows.xlsx", set[int](), count)):
        with bench.timed(f"预览 {count} 行 {name.partition('.')[2]}"):
            upload = preview(folder / name, bench.tools.shelf.now(), bench.tools.drafts)
            upload_view(upload)
        if not isinstance(upload, TableUpload):
            raise TypeError(f"{name} is no table")
        bench.expect({fault.row for fault in upload.failed} == failed, f"{name}：坏行不是列出的那些")
        bench.expect(len(upload.added) == added, f"{name}：新增 {len(upload.added)} 条，应为 {added}")
    with bench.timed(f"存 {count} 条草稿"):
        bench.expect(keep(upload, bench.tools.drafts, "甲") == count, "草稿数不对")
    _browse(bench, f"{count} 条草稿", draw)
    with bench.timed("存一条之后再列草稿"):
        opened = bench.tools.drafts.open("n1")
        if opened.entry is not None:
            bench.tools.drafts.save(replace(opened.entry, category="改"), opened.token, "甲")
        drafts_view(bench.tools.drafts.all())


def _publish(bench: _Bench, what: str) -> None:
    with bench.timed(f"核对 {what}"):
        candidate = bench.tools.publisher.prepare("甲", lambda _phrase, _share: None)
        proof_view(candidate, {})
    with bench.timed(f"发布 {what}"):
        bench.tools.publisher.publish(candidate.version, "甲")
    bench.expect(bench.tools.drafts.all() == (), "发布后还有草稿")
    bench.expect(bench.space.stale() == "", "发布后索引与文件不一致")


def _browse(bench: _Bench, when: str, draw: random.Random) -> None:
    """What one waits for on the editors' page: a page, words, a filter, an entry opened and checked."""
    with bench.timed(f"{when}：第一次打开列表"):
        listing(browse(bench.tools.shelf.now(), bench.tools.drafts.all(), Wanted(), 1, _TODAY))

    def page(wanted: Wanted, number: int = 1) -> int:
        return len(browse(bench.tools.shelf.now(), bench.tools.drafts.all(), wanted, number, _TODAY).rows)

    deep = browse(bench.tools.shelf.now(), bench.tools.drafts.all(), Wanted(), 10**6, _TODAY)
    bench.expect(page(Wanted()) == min(PAGE, deep.total), "第一页不满")
    _middle(bench, f"{when}：翻页", lambda: page(Wanted(), draw.randint(1, deep.pages)))
    _middle(bench, f"{when}：按词查找", lambda: page(Wanted(words=f"{draw.choice(_WHERE)} {draw.choice(_THINGS)}")))
    _middle(bench, f"{when}：按状态筛选", lambda: page(Wanted(state=draw.choice(("draft", "new", "disabled")))))
    published, drafts = bench.tools.shelf.now(), bench.tools.drafts
    entries = [row.entry for row in deep.rows]
    _middle(bench, f"{when}：打开并检查一条", lambda: check(draw.choice(entries), published, drafts.all(), _TODAY))


def _search(bench: _Bench, draw: random.Random) -> None:
    """The staff's search, to the HTML that it shows; an entry's own question must find it first."""
    opened = bench.space.open()
    searcher, knowledge = opened.searcher, opened.knowledge
    entries = draw.sample(knowledge.entries, min(50, len(knowledge.entries)))

    def look(entry: FaqEntry) -> str:
        found = searcher.search(entry.question, 20)
        findings(found, searcher.ranker, knowledge)
        return found.hits[0].entry if found.hits else ""

    look(entries[0])
    lost = [entry.id for entry in entries if look(entry) != entry.id]
    bench.expect(not lost, f"找不到自己的条目：{lost[:5]}")
    _middle(bench, "客服检索一次", lambda: look(draw.choice(entries)))


def _article(bench: _Bench, folder: Path, pages: int, draw: random.Random) -> None:
    """An article long enough to be a manual: its chunks, its draft edited on the page, its publication."""
    path = folder / "手册.md"
    path.write_text(long_article(pages, draw), "utf-8")
    with bench.timed(f"预览 {pages} 页文章"):
        upload = preview(path, bench.tools.shelf.now(), bench.tools.drafts)
        upload_view(upload)
    if not isinstance(upload, ArticleUpload):
        raise TypeError("no article")
    bench.expect(len(upload.chunks) >= pages, f"{pages} 页只切成 {len(upload.chunks)} 段")
    bench.figures["文章段数"] = len(upload.chunks)
    keep(upload, bench.tools.drafts, "甲")
    with bench.timed(f"改存 {pages} 页文章"):
        there = bench.tools.drafts.open_article(upload.name)
        bench.tools.drafts.save_article(upload.name, there.text + "\n## 附录\n\n最后一句。\n", there.token, "甲")
    _publish(bench, f"{pages} 页文章")


def long_article(pages: int, draw: random.Random) -> str:
    """About ``pages`` printed pages, a heading on each."""
    parts = ["# 操作手册\n"]
    for page in range(pages):
        parts.append(f"\n## {page + 1}. {draw.choice(_WHERE)}{page}的{draw.choice(_THINGS)}\n")
        size = 0
        while size < _CHARACTERS_PER_PAGE:
            line = "，".join(f"{draw.choice(_WHERE)}的{draw.choice(_THINGS)}{draw.choice(_ACTS)}" for _ in range(8))
            parts.append(f"\n{line}，以第 {page} 页为准。\n")
            size += len(line)
    return "".join(parts)


def _middle(bench: _Bench, name: str, do: Callable[[], object], times: int = 15) -> None:
    """Keep the median of a few calls, in milliseconds: on the clock, and of the processor, which a busy machine leaves."""
    took: list[float] = []
    worked: list[float] = []
    for _ in range(times):
        began, before = time.perf_counter(), _worked()
        do()
        took.append(time.perf_counter() - began)
        worked.append(_worked() - before)
    bench.figures[f"{name}（毫秒）"] = round(statistics.median(took) * 1000, 1)
    bench.figures[f"{name}（处理器毫秒）"] = round(statistics.median(worked) * 1000, 1)
    say(
        f"{name} {bench.figures[f'{name}（毫秒）']} 毫秒，最慢 {max(took) * 1000:.0f}，处理器 {statistics.median(worked) * 1000:.1f}"
    )


def _worked() -> float:
    """Seconds of processor time that this process and the parsers it started have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
