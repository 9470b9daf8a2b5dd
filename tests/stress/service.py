"""A service in trouble: its store, its history or its clock fails while people ask. They get answers; health says why."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.history import History, sqlite_url
from assistant.reply import Assistant
from assistant.web.live import Live
from assistant.web.ports import Desk
from assistant.web.service import Backend, Service
from assistant.web.talk import Talk, health
from assistant.web.visit import new_visit
from kb.errors import KbError, StoreError
from kb.store import Store
from stress import world
from stress.damage import Scenario, spoil

Draw = random.Random


@dataclass
class Clock:
    """A wall clock that can be moved."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Running:
    """A service as ``zhida serve`` builds it, without its web framework."""

    service: Service
    desk: Desk
    history: History
    clock: Clock
    live: Live[Assistant]

    def ask(self, question: str = world.ASKED[0], session: str | None = None) -> dict[str, Any]:
        return self.service.ask(question, session, "")

    def state(self) -> str:
        """What the health check says now, not a few seconds ago."""
        self.service._health._until = 0.0
        return str(self.service.health()["status"])

    def part(self, name: str) -> dict[str, Any]:
        found = self.service.health()[name]
        return dict(found) if isinstance(found, dict) else {}


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    clock = Clock()
    history = History(sqlite_url(folder / "store/history.sqlite"), retention_days=90, clock=clock)
    live = Live(world.space(folder), lambda opened: Assistant(opened.knowledge, opened.searcher))
    service = Service(Backend(live, history, live.version, {"index": lambda: live.problem}, clock))
    desk = Desk(live, folder / "store", history, live.version, lambda: live.problem, clock)
    try:
        yield Running(service, desk, history, clock, live)
    finally:
        history.close()


def lost_store(folder: Path, draw: Draw) -> Iterator[str]:
    """The serving version loses a file, or a new one is published damaged: the old one serves on and that is said."""
    with running(folder) as it:
        it.ask()
        how = draw.choice(["pointer gone", "versions gone", "damaged version"])
        kept = (folder / "store").rename(folder / "aside") if how == "versions gone" else None
        pointer = (folder / "store/CURRENT").read_text("utf-8") if kept is None else ""
        if how == "pointer gone":
            (folder / "store/CURRENT").unlink()
        if how == "damaged version":
            version = world.space(folder).build(switch=False)
            spoil(draw.choice(sorted(version.folder.iterdir())), "cut off", draw)
            (folder / "store/CURRENT").write_text(version.id, "utf-8")
        yield from _serves_on(it, how, "degraded")
        if kept is not None:
            world.remove(folder / "store") if (folder / "store").exists() else None
            kept.rename(folder / "store")
        else:
            (folder / "store/CURRENT").write_text(pointer, "utf-8")
        it.ask()
        yield from _serves_on(it, f"{how}，恢复以后", "ok")


def _serves_on(it: Running, how: str, wanted: str) -> Iterator[str]:
    if it.ask()["decision"] != "answer":
        yield f"{how}：没有回答"
    if (state := it.state()) != wanted:
        yield f"{how}：健康检查说 {state}，应为 {wanted}：{it.service.health()}"
    _, said = health(it.desk)
    if bool(it.live.problem) != bool(said) or (wanted == "ok" and it.live.problem):
        yield f"{how}：页面上说「{said}」"


def no_index(folder: Path, draw: Draw) -> Iterator[str]:
    """Nothing has ever been built: nobody gets an answer, everybody is told, and a build is enough."""
    world.remove(folder / "store")
    (folder / "store").mkdir()
    with running(folder) as it:
        try:
            it.ask()
            yield "没有索引也回答了"
        except StoreError as error:
            if "zhida build" not in error.user_message:
                yield f"没有说怎么办：{error.user_message}"
        if it.state() != "down" or health(it.desk)[0] is not None:
            yield f"没有索引，健康检查却说 {it.state()}"
        world.space(folder).build()
        yield from _serves_on(it, "建好以后", "ok")


def locked_history(folder: Path, draw: Draw) -> Iterator[str]:
    """Another program holds the history's lock: people do not wait long, the turn is not kept, and that is said."""
    with running(folder) as it:
        it.ask()
        other = sqlite3.connect(folder / "store/history.sqlite", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        yield from _without_history(it, "锁住")
        other.execute("COMMIT")
        other.close()
        yield from _with_history(it, "解锁以后")


def gone_history(folder: Path, draw: Draw) -> Iterator[str]:
    """The history file is deleted, emptied or replaced by garbage while the service runs."""
    path = folder / "store/history.sqlite"
    with running(folder) as it:
        it.ask()
        how = draw.choice(["deleted", "garbage"])
        if how == "deleted":
            path.unlink()
            yield from _with_history(it, "删除以后")
            return
        kept = folder / "kept"
        path.rename(kept)
        path.write_bytes(draw.randbytes(5_000))
        yield from _without_history(it, "变成乱码")
        it.history.close()
        for leftover in path.parent.glob(f"{path.name}*"):
            leftover.unlink()
        kept.rename(path)
        it.history._retry_at = 0.0  # five seconds have passed
        yield from _with_history(it, "放回以后")


def _without_history(it: Running, how: str) -> Iterator[str]:
    if it.ask()["decision"] != "answer":
        yield f"历史{how}：没有回答"
    after = Talk(it.desk).ask(new_visit(), world.ASKED[0], "127.0.0.1")
    if not after.turns or after.turns[-1].id:
        yield f"历史{how}：页面的一轮不对"
    if it.state() != "degraded" or it.part("history").get("ok"):
        yield f"历史{how}：健康检查说 {it.service.health()}"


def _with_history(it: Running, how: str) -> Iterator[str]:
    before = len(it.history.recent())
    it.ask()
    if len(it.history.recent()) != before + 1:
        yield f"历史{how}：没有记下来"
    if it.state() != "ok":
        yield f"历史{how}：健康检查说 {it.service.health()}"


def jumping_clock(folder: Path, draw: Draw) -> Iterator[str]:
    """The wall clock jumps by years, back and forth, in the middle of conversations and builds."""
    with running(folder) as it:
        session = None
        for _ in range(12):
            it.clock.now += draw.choice([-1, 1]) * draw.choice([0.5, 60.0, 3_600.0, 86_400.0, 3e8])
            answer = it.ask(draw.choice(world.ASKED), session)
            session = str(answer["session"])
            if not answer["text"]:
                yield "没有回答"
            visit = Talk(it.desk).ask(new_visit(), draw.choice(world.ASKED), "127.0.0.1")
            Talk(it.desk).rate(visit, 0, 1)
        if it.state() != "ok":
            yield f"健康检查说 {it.service.health()}"
        it.clock.now = 1_800_000_000.0
        if it.ask()["decision"] != "answer":
            yield "时间回来以后没有回答"


def two_publishers(folder: Path, draw: Draw) -> Iterator[str]:
    """Four publish at once, having seen the same version: one wins, the others are told, and no reader sees a half."""
    store = Store(folder / "store")
    race = Race(folder / "store", store.current_id())
    fresh = [world.space(folder).build(switch=False).id for _ in range(4)]
    draw.shuffle(fresh)
    reader = threading.Thread(target=race.read)
    writers = [threading.Thread(target=race.publish, args=(version,)) for version in fresh]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    race.done.set()
    reader.join()
    yield from race.escaped
    if len(race.told) != len(fresh) - 1 or not all("刚才有别人" in text for text in race.told):
        yield f"{len(race.won)} 个发布成功，其余得知：{race.told}"
    if [store.current_id()] != race.won:
        yield f"现在服务的是 {store.current_id()}，发布成功的是 {race.won}"


@dataclass
class Race:
    """What became of publishers and readers at the same moment."""

    folder: Path
    serving: str
    won: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    escaped: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    gate: threading.Barrier = field(default_factory=lambda: threading.Barrier(5))

    def publish(self, version: str) -> None:
        self.gate.wait()
        try:
            Store(self.folder).switch(version, since=self.serving)
            self.won.append(version)
        except KbError as error:
            self.told.append(error.user_message)
        except Exception as error:  # noqa: BLE001 - whatever escapes is the finding
            self.escaped.append(f"{type(error).__name__}: {error}")

    def read(self) -> None:
        self.gate.wait()
        while not self.done.is_set():
            try:
                Store(self.folder).current()
            except Exception as error:  # noqa: BLE001 - whatever escapes is the finding
                self.escaped.append(f"{type(error).__name__}: {error}")


SCENARIOS: Mapping[str, Scenario] = {
    "索引丢失": lost_store,
    "没有索引": no_index,
    "历史锁住": locked_history,
    "历史丢失": gone_history,
    "时钟跳变": jumping_clock,
    "同时发布": two_publishers,
}
