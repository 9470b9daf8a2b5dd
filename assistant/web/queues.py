"""Clears away what Gradio's queue keeps of visitors who have left.

It makes a queue of messages for everybody who asks and keeps two thousand of them; the numbers of the questions whose
answer nobody fetched it keeps for ever.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from gradio.queueing import Queue
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.streams import EVENTS, session_of

_PAUSE = 60.0
# Whoever has not come for an answer by then has closed the page.
_PATIENCE = 600.0


class Queues:
    """Wraps one mounted Gradio app; clears its queue when a stream of events ends, once a minute at most.

    A visitor's messages go when none of his questions waits for its answer and no stream of his is open: Gradio makes
    a new queue for the next question. An answer that nobody fetches for ten minutes goes too.

    Args:
        app: the mounted app.
        queue: its queue.
        clock: monotonic seconds.

    """

    def __init__(self, app: ASGIApp, queue: Queue, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._queue = queue
        self._clock = clock
        self._cleared = clock()
        self._open: Counter[str] = Counter()
        self._unfetched: dict[str, tuple[frozenset[str], float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not scope["path"].endswith(EVENTS):
            await self._app(scope, receive, send)
            return
        session = session_of(scope)
        self._open[session] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[session] -= 1
            if self._clock() - self._cleared >= _PAUSE:
                self._clear()

    def _clear(self) -> None:
        """Runs without giving way, as Gradio does between making a visitor's queue and noting what it is for."""
        now = self._cleared = self._clock()
        self._open = +self._open
        messages, asked = self._queue.pending_messages_per_session, self._queue.pending_event_ids_session
        before, self._unfetched = self._unfetched, {}
        for session in {*messages, *asked} - self._open.keys():
            unfetched = frozenset(asked.get(session, ()))
            known, since = before.get(session, (unfetched, now))
            if known != unfetched or not unfetched.isdisjoint(self._queue.event_ids_to_events):
                since = now
            if not unfetched or now - since >= _PATIENCE:
                messages.pop(session, None)
                asked.pop(session, None)
            else:
                self._unfetched[session] = unfetched, since
