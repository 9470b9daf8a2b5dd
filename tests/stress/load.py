"""Many people in the chat at once, through the page's own protocol: ``PYTHONPATH=.:tests python -m stress.load``.

Each of them loads the page, asks, waits for the answer to be shown, thinks for a few seconds and asks on in the same
conversation; after some questions somebody else comes in the place of who leaves. Every answer counts from the click to the last byte of its event. The server is a process of its own over a
copy of the store, so that its memory is nobody else's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from kb.corpus import load_corpus
from kb.paths import shipped_corpus
from kb.workspace import Workspace

_ROOT = Path(__file__).parents[2]
_MOST_P95 = 1.5
_MOST_GROWTH_MB = 40.0
_THINKS = (1.0, 5.0)
_ASKS = (3, 12)  # questions of one visitor
_SAMPLE_SECONDS = 2.0


@dataclass
class Seen:
    """What came of it."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        ordered = sorted(self.seconds) or [0.0]
        shares = {f"p{share}_s": ordered[min(len(ordered) * share // 100, len(ordered) - 1)] for share in (50, 95, 99)}
        rounded = {name: round(value, 3) for name, value in shares.items()}
        figures: dict[str, float] = {"questions": len(self.seconds), "errors": len(self.errors), **rounded}
        return {**figures, "memory_mb": round(max(self.memory, default=0.0)), "growth_mb": round(self.growth(), 1)}

    def growth(self) -> float:
        """Memory in the last tenth less that in the fourth: until then caches fill, and visitors' sessions up to their cap."""
        tenth = len(self.memory) // 10
        if not tenth:
            return 0.0
        return sum(self.memory[-tenth:]) / tenth - sum(self.memory[3 * tenth : 4 * tenth]) / tenth

    def faults(self) -> list[str]:
        figures = self.figures()
        return [
            *dict.fromkeys(self.errors[:10]),
            *(["没有问成一次"] if not self.seconds else []),
            *([f"p95 {figures['p95_s']} 秒，应 ≤ {_MOST_P95}"] if figures["p95_s"] > _MOST_P95 else []),
            *([f"内存增长 {figures['growth_mb']} MB"] if figures["growth_mb"] > _MOST_GROWTH_MB else []),
        ]


def main() -> int:
    """Run, print one line, write the figures; status 1 where anything went wrong."""
    options = _options()
    forms = [form for entry in load_corpus(shipped_corpus()).active for form in entry.forms]
    with tempfile.TemporaryDirectory(prefix="zhida-load-") as folder:
        store = _store(options.store, Path(folder) / "store")
        with _server(store) as (url, pid):
            seen = asyncio.run(_crowd(url, pid, forms, options))
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "cores": os.cpu_count()},
        "users": options.users,
        "minutes": options.minutes,
        **seen.figures(),
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    lines = [f"load：{json.dumps(report, ensure_ascii=False)}", *(f"  {fault}" for fault in seen.faults())]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return int(bool(seen.faults()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stress.load", description="许多人同时在聊天页提问")
    parser.add_argument("--users", type=int, default=50, help="同时多少人")
    parser.add_argument("--minutes", type=float, default=10.0, help="多少分钟")
    parser.add_argument("--seed", type=int, default=20261126, help="随机种子")
    parser.add_argument("--store", type=Path, default=Path(".store"), help="随附知识库的索引")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/load.json"), help="结果文件")
    return parser.parse_args()


def _store(source: Path, copy: Path) -> Path:
    """Copy the index, built first where it is missing or stale, without what a server keeps beside it."""
    Workspace(shipped_corpus(), source, threads=os.cpu_count() or 1).open_fresh()
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("*.sqlite*", "*.txt", "uploads", "drafts"))
    return copy


@contextmanager
def _server(store: Path) -> Iterator[tuple[str, int]]:
    command = [sys.executable, str(_ROOT / "app.py"), "--port", "0", "--store", str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603 - ours
        if process.stdout is None:
            raise RuntimeError("no pipe")
        try:
            found = (re.search(r"http://[\d.]+:\d+", line) for line in process.stdout)
            yield next(address.group() for address in found if address), process.pid
        finally:
            process.terminate()


async def _crowd(url: str, pid: int, forms: list[str], options: argparse.Namespace) -> Seen:
    seen, until = Seen(), time.monotonic() + options.minutes * 60
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=60.0, limits=limits, trust_env=False) as client:
        await _awake(client)
        users = [_user(client, seen, forms, random.Random(options.seed + at), until) for at in range(options.users)]  # noqa: S311 - a load
        await asyncio.gather(_watch(pid, seen, until), *users)
    return seen


async def _awake(client: httpx.AsyncClient) -> None:
    """Wait until the server, whose socket listens before it serves, answers."""
    for _ in range(120):
        try:
            if (await client.get("/api/health")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.5)
    raise RuntimeError("the server did not start")


async def _user(client: httpx.AsyncClient, seen: Seen, forms: list[str], draw: random.Random, until: float) -> None:
    while time.monotonic() < until:
        await _visit(client, seen, [draw.choice(forms) for _ in range(draw.randint(*_ASKS))], draw, until)


async def _visit(
    client: httpx.AsyncClient, seen: Seen, questions: list[str], draw: random.Random, until: float
) -> None:
    """One visitor's conversation."""
    page = (await client.get("/")).text
    found = re.search(r"window\.gradio_config = (\{.*?\});</script>", page, re.DOTALL)
    calls = json.loads(found.group(1))["dependencies"] if found else []
    ask = next(call["id"] for call in calls if len(call["targets"]) == 2 and len(call["outputs"]) == 7)
    session, visit = f"load{draw.getrandbits(60):x}", None
    for question in questions:
        await asyncio.sleep(draw.uniform(*_THINKS))
        if time.monotonic() > until:
            return
        started = time.monotonic()
        try:
            visit = await _asked(client, session, ask, [visit, question])
            seen.seconds.append(time.monotonic() - started)
        except (httpx.HTTPError, ValueError) as error:
            seen.errors.append(f"{type(error).__name__}: {str(error)[:200]}")


async def _asked(client: httpx.AsyncClient, session: str, call: int, data: list[Any]) -> Any:
    """Ask, wait for the event that shows the answer, return the visit to ask on with."""
    body = {"data": data, "fn_index": call, "session_hash": session}
    joined = await client.post("/gradio_api/queue/join", json=body)
    joined.raise_for_status()
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as events:
        async for line in events.aiter_lines():
            event = json.loads(line[5:]) if line.startswith("data:") else {}
            if event.get("msg") == "process_completed":
                shown = event["output"].get("data") if event["success"] else None
                if not shown or shown[3] != "":  # the box keeps a question that was not answered
                    raise ValueError(f"not answered: {event['output']}")
                return shown[0]
    raise ValueError("the events ended")


async def _watch(pid: int, seen: Seen, until: float) -> None:
    while time.monotonic() < until:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        seen.memory.append(int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024)
        await asyncio.sleep(_SAMPLE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
