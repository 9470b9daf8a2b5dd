"""Questions that arrive while the encoder is busy are embedded together in its next pass.

One text at a time streams all weights through the processor's cache for a handful of tokens; a pass over several costs
little more than a pass over one. Nobody waits for company: a question that finds the encoder idle is embedded at once,
by the thread that asks. There is no thread of our own, hence nothing to start or to close.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb.embedding.contract import Embedder

# Above this a pass takes so long that the first of it waits longer than it saves the last.
_MOST = 16


class GatheringEmbedder:
    """An `Embedder` over another one, for many threads that embed one question each. Safe to share between them.

    Args:
        inner: does the work, one gathered pass at a time; what is given to it in bulk goes straight through.
        most: questions in one pass.
    """

    def __init__(self, inner: Embedder, *, most: int = _MOST) -> None:
        self._inner = inner
        self._most = most
        self._lock = threading.Lock()
        self._waiting: deque[_Asked] = deque()
        self._busy = False
        self.name = inner.name
        self.dimension = inner.dimension
        self.digest = inner.digest

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, in the order of `texts`; a single one may share a pass with others'."""
        if len(texts) != 1:
            return self._inner.encode_queries(texts)
        asked = _Asked(texts[0])
        with self._lock:
            self._waiting.append(asked)
            leads, self._busy = not self._busy, True
        if not leads:
            asked.called.wait()
        if not asked.done:
            self._lead()
        return asked.result()

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, in the order of `texts`."""
        return self._inner.encode_passages(texts)

    def _lead(self) -> None:
        """Embed what waits, the caller's own question first of it, then call the first that came meanwhile to lead."""
        with self._lock:
            together = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            self._embed(together)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._busy = following is not None
            for asked in together:
                asked.finish()
            if following is not None:
                following.called.set()

    def _embed(self, together: Sequence[_Asked]) -> None:
        try:
            vectors = self._inner.encode_queries([asked.text for asked in together])
        except Exception as error:  # noqa: BLE001 - it belongs to the question that caused it, and is raised there
            if len(together) == 1:
                together[0].error = error
            else:
                for asked in together:
                    self._embed([asked])
            return
        for asked, vector in zip(together, vectors, strict=True):
            asked.vector = vector[None, :]


class _Asked:
    """One question on its way: `called` is set when it has been answered, or when its thread is to lead."""

    __slots__ = ("called", "done", "error", "text", "vector")

    def __init__(self, text: str) -> None:
        self.text = text
        self.called = threading.Event()
        self.done = False
        self.vector: NDArray[np.float32] | None = None
        self.error: Exception | None = None

    def finish(self) -> None:
        self.done = True
        self.called.set()

    def result(self) -> NDArray[np.float32]:
        if self.error is not None:
            raise self.error
        if self.vector is None:
            raise RuntimeError("the pass that this question was in was interrupted")
        return self.vector
