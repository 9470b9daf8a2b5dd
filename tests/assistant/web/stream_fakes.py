"""What the tests of a visitor's stream of events share: the end that Gradio tells of, its queue, one connection."""

from __future__ import annotations

import asyncio

END = b'data: {"msg":"close_stream"}\n\n'


class Queue:
    """What Gradio's queue keeps of who asked what."""

    def __init__(self, **asked: set[str]) -> None:
        self.pending_event_ids_session = asked


class Connection:
    """One connection of a page, which says only that it hangs up."""

    def __init__(self) -> None:
        self.hangs_up = asyncio.Event()

    async def receive(self) -> dict[str, str]:
        await self.hangs_up.wait()
        return {"type": "http.disconnect"}


def scope_of(path: str, session: str, method: str = "GET") -> dict[str, object]:
    asked = f"session_hash={session}".encode()
    return {"type": "http", "method": method, "path": f"/gradio_api{path}", "query_string": asked}


async def turns() -> None:
    """Let everybody go on who can."""
    for _ in range(10):
        await asyncio.sleep(0)
