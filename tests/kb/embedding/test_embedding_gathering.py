"""Threads that ask at once share a pass, each gets its own vector or its own error, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fakes import FakeEmbedder
from numpy.typing import NDArray

from kb.embedding import GatheringEmbedder
from kb.errors import ModelError

Array = NDArray[np.float32]
PATIENCE = 20.0


class Gated(FakeEmbedder):
    """Holds every pass until it is let through; a text with ``bad`` in it fails the pass it is in."""

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)

    def encode_queries(self, texts: Sequence[str]) -> Array:
        self.passes.append(list(texts))
        self.begun.release()
        assert self.gate.acquire(timeout=PATIENCE)
        bad = [text for text in texts if "bad" in text]
        if bad:
            raise ModelError(f"cannot embed {bad[0]}", user_message="坏")
        return super().encode_queries(texts)


def waiting(embedder: GatheringEmbedder, count: int) -> None:
    """Return when so many questions wait for the next pass."""
    for _ in range(2000):
        with embedder._lock:
            if len(embedder._waiting) == count:
                return
        threading.Event().wait(0.01)
    pytest.fail("the questions did not arrive")


def ask_while_busy(inner: Gated, embedder: GatheringEmbedder, texts: Sequence[str]) -> list[Callable[[], Array]]:
    """Ask the first alone, the others while it is being embedded; return what waits for each answer."""
    pool = ThreadPoolExecutor(len(texts))
    first = pool.submit(embedder.encode_queries, texts[:1])
    assert inner.begun.acquire(timeout=PATIENCE)
    futures = [first]
    for number, text in enumerate(texts[1:], 1):
        futures.append(pool.submit(embedder.encode_queries, [text]))
        waiting(embedder, number)
    inner.gate.release(100)
    pool.shutdown(wait=False)
    return [lambda future=future: future.result(timeout=PATIENCE) for future in futures]


def test_an_idle_encoder_embeds_at_once() -> None:
    inner = Gated()
    inner.gate.release()
    np.testing.assert_array_equal(
        GatheringEmbedder(inner).encode_queries(["月付"]), FakeEmbedder().encode_queries(["月付"])
    )
    assert inner.passes == [["月付"]]


def test_what_arrives_meanwhile_is_embedded_together() -> None:
    inner, texts = Gated(), [f"问题{n}" for n in range(6)]
    results = ask_while_busy(inner, GatheringEmbedder(inner), texts)
    for text, result in zip(texts, results, strict=True):
        np.testing.assert_allclose(result(), FakeEmbedder().encode_queries([text]), atol=1e-6)
    assert inner.passes == [texts[:1], texts[1:]]


def test_a_pass_is_no_longer_than_allowed() -> None:
    inner, texts = Gated(), [f"问题{n}" for n in range(6)]
    for result in ask_while_busy(inner, GatheringEmbedder(inner, most=2), texts):
        result()
    assert inner.passes == [texts[:1], texts[1:3], texts[3:5], texts[5:]]


def test_an_error_reaches_the_question_that_caused_it_alone() -> None:
    inner, texts = Gated(), ["一", "二", "bad", "三"]
    first, second, bad, third = ask_while_busy(inner, GatheringEmbedder(inner), texts)
    with pytest.raises(ModelError, match="cannot embed bad"):
        bad()
    for text, result in zip(("一", "二", "三"), (first, second, third), strict=True):
        np.testing.assert_allclose(result(), FakeEmbedder().encode_queries([text]), atol=1e-6)


def test_it_serves_on_after_an_error() -> None:
    inner = Gated()
    inner.gate.release(2)
    embedder = GatheringEmbedder(inner)
    with pytest.raises(ModelError):
        embedder.encode_queries(["bad"])
    assert embedder.encode_queries(["好"]).shape == (1, inner.dimension)


def test_an_interrupted_pass_lets_the_next_one_begin() -> None:
    class Interrupted(Gated):
        def encode_queries(self, texts: Sequence[str]) -> Array:
            vectors = super().encode_queries(texts)
            if "停" in texts:
                raise KeyboardInterrupt
            return vectors

    inner = Interrupted()
    first, second = ask_while_busy(inner, GatheringEmbedder(inner), ["停", "好"])
    with pytest.raises(KeyboardInterrupt):
        first()
    assert second().shape == (1, inner.dimension)


def test_many_threads_get_their_own() -> None:
    embedder, texts = GatheringEmbedder(FakeEmbedder(), most=4), [f"第{n}个问题" for n in range(200)]
    with ThreadPoolExecutor(16) as pool:
        vectors = list(pool.map(lambda text: embedder.encode_queries([text])[0], texts))
    np.testing.assert_allclose(np.stack(vectors), FakeEmbedder().encode_queries(texts), atol=1e-6)


def test_bulk_and_passages_go_straight_through() -> None:
    inner = FakeEmbedder()
    embedder = GatheringEmbedder(inner)
    assert (embedder.name, embedder.dimension, embedder.digest) == (inner.name, inner.dimension, inner.digest)
    np.testing.assert_array_equal(embedder.encode_queries(["一", "二"]), inner.encode_queries(["一", "二"]))
    np.testing.assert_array_equal(embedder.encode_passages(["一"]), inner.encode_passages(["一"]))
    assert embedder.encode_queries([]).shape == (0, inner.dimension)
