"""Vectors to learn from, and what there is to compute with."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from kb.adapt import encoding
from kb.adapt.encoding import enough_memory, pick_device, vectors_of
from kb.adapt.examples import Sample
from kb.adapt.run import encode
from kb.embedding import SentenceTransformerEmbedder, materialise
from kb.errors import ModelError, UsageError


@pytest.mark.parametrize("at_once", [2, 64])
def test_vectors_to_learn_from_are_those_of_the_encoder(
    tiny_source: Callable[[bytes], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    base = materialise(tmp_path / "models")
    texts = [("月付", False), ("退款到哪里", False), ("打开钱包再点关闭", True), ("你好", True), ("refund", False)]
    items = [Sample(text, 0, passage) for text, passage in texts]
    said: list[float] = []
    monkeypatch.setattr(encoding, "_AT_ONCE", at_once)

    found = vectors_of(base, items, 64, lambda _phrase, share: said.append(share))

    np.testing.assert_allclose(found, encode(SentenceTransformerEmbedder(base), items), atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert said == sorted(said) and said[-1] == 1


def test_a_full_gpu_is_said_so() -> None:
    with pytest.raises(ModelError) as told, enough_memory():
        raise torch.OutOfMemoryError
    assert "--device cpu" in told.value.user_message


@pytest.mark.parametrize(
    ("wish", "gpu", "device"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_a_gpu_trains_where_there_is_one_and_nobody_objects(
    wish: str, gpu: bool, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert pick_device(wish) == device


def test_a_gpu_that_is_not_there_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="CUDA") as told:
        pick_device("cuda")
    assert "--device cpu" in told.value.user_message
