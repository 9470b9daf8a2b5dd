"""Versions are switched back and forth while people ask: nobody gets an error, and no answer is of two versions."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from assistant.editing.desk import Tools
from assistant.reply import Assistant
from assistant.web.live import Live
from kb.workspace import Workspace

_ASKERS = 4
_ASKED = ("抖音月付怎么开通", "抖音月付怎么关闭", "抖音月付怎么还款", "抖音月付账单日是几号")
_MARK = re.compile(r"第([甲乙])版")


@dataclass
class _Asked:
    """What the askers have seen; each of them writes on a sheet of its own."""

    questions: int = 0
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    slowest: float = 0.0


def roll_back_and_forth(space: Workspace, tools: Tools, seconds: float) -> tuple[Mapping[str, object], list[str]]:
    """Publish two versions whose every sentence says which it is of, then go from one to the other under traffic.

    Returns:
        Figures and faults.
    """
    versions = [_version(tools, "甲"), _version(tools, "乙")]
    live = Live(space, lambda opened: Assistant(opened.knowledge, opened.searcher))
    live()
    stop, sheets = threading.Event(), [_Asked() for _ in range(_ASKERS)]
    askers = [threading.Thread(target=_ask, args=(live, sheet, stop)) for sheet in sheets]
    for asker in askers:
        asker.start()
    switches, faults, until = 0, list[str](), time.monotonic() + seconds
    while switches < 2 or time.monotonic() < until:
        try:
            tools.publisher.roll_back(versions[switches % 2], "甲")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            faults.append(f"回退失败：{error!r}")
            break
        switches += 1
        time.sleep(0.05)
    stop.set()
    for asker in askers:
        asker.join()
    faults += [fault for sheet in sheets for fault in sheet.faults]
    seen = set[str]().union(*(sheet.seen for sheet in sheets))
    if seen != {"甲", "乙"}:
        faults.append(f"没有两个版本都服务到：{sorted(seen)}")
    figures = {
        "回退": switches,
        "回退期间提问": sum(sheet.questions for sheet in sheets),
        "回退期间最慢的回答（毫秒）": round(max(sheet.slowest for sheet in sheets) * 1000),
    }
    return figures, faults


def mixed(text: str) -> bool:
    """Tell whether a reply speaks for two versions."""
    return len(set(_MARK.findall(text))) > 1


def _version(tools: Tools, mark: str) -> str:
    for entry in list(tools.shelf.now().entries.values())[:5]:
        answer = replace(
            entry.answer,
            short=f"第{mark}版：以页面为准。",
            detail=f"这是第{mark}版的说明。",
            steps=(f"第{mark}版的第一步", f"第{mark}版的第二步"),
        )
        opened = tools.drafts.open(entry.id)
        tools.drafts.save(replace(entry, answer=answer), opened.token, "甲")
    version = tools.publisher.prepare("甲", lambda _phrase, _share: None).version
    tools.publisher.publish(version, "甲")
    return version


def _ask(live: Live[Assistant], sheet: _Asked, stop: threading.Event) -> None:
    while not stop.is_set():
        question = _ASKED[sheet.questions % len(_ASKED)]
        began = time.perf_counter()
        try:
            _, answer = live().reply(None, question)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            sheet.faults.append(f"「{question}」：{error!r}")
            return
        sheet.slowest = max(sheet.slowest, time.perf_counter() - began)
        sheet.questions += 1
        sheet.seen |= set(_MARK.findall(answer.text))
        if mixed(answer.text):
            sheet.faults.append(f"「{question}」的回答混了两个版本：{answer.text}")
