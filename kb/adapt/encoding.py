"""Opening an encoder to train it or to learn from it, on whatever there is to compute with."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kb.adapt.examples import Sample
from kb.embedding.torch_encoder import offline
from kb.errors import ModelError, UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Progress = Callable[[str, float], None]
Vectors = NDArray[np.float32]
_AT_ONCE = 64


def pick_device(wish: str) -> str:
    """Torch's name of what is to train: ``cpu``, ``cuda``, or for ``auto`` a GPU where there is one.

    Raises:
        UsageError: a GPU is wished for and torch finds none.
    """
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # the order of batches is for one
    import torch

    found = torch.cuda.is_available()
    if wish == "cuda" and not found:
        raise UsageError("no CUDA device", user_message="这台机器上的 torch 找不到 GPU；请改用 --device cpu。")
    return "cuda" if found and wish != "cpu" else "cpu"


def fast_in_bfloat16(device: str) -> bool:
    """Tell whether to compute in bfloat16: without the instructions for it, a step takes a processor many times as long."""
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # What torch says it supports, it emulates on x86 processors that only have AVX-512.
    emulated = platform.machine() in {"x86_64", "AMD64"} and not torch.cpu._is_avx512_bf16_supported()
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()) and not emulated


@contextmanager
def enough_memory() -> Iterator[None]:
    """Say of a GPU that runs out of memory what can be done.

    Raises:
        ModelError: it did.
    """
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"out of memory while training: {error}",
            user_message="GPU 的显存不够，训练停了，原来的模型不受影响；请关掉占用显存的程序，或改用 --device cpu。",
        ) from error


def opened(folder: Path, longest: int, device: str) -> SentenceTransformer:
    """Open a model folder, to read texts of so many tokens."""
    offline()
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as hub_logging

    hub_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("transformers").setLevel(logging.ERROR)
    model = SentenceTransformer(str(folder), device=device, local_files_only=True)
    model.max_seq_length = longest
    model.model_card_data.generate_widget_examples = False  # of no use here, and it shows a bar of its own
    return model


def prompted(model: SentenceTransformer, items: Sequence[Sample]) -> list[str]:
    """Samples as the model reads them, each with its own prompt."""
    prompts = {name: prompt or "" for name, prompt in model.prompts.items()}
    return [prompts["passage" if sample.passage else "query"] + sample.text for sample in items]


def vectors_of(
    folder: Path, items: Sequence[Sample], longest: int, progress: Progress, *, device: str = "cpu", threads: int = 2
) -> Vectors:
    """Unit vectors (n, d) of samples by a model folder, computed as training computes them.

    Raises:
        ModelError: a GPU has too little memory.
    """
    offline()
    import torch
    from sentence_transformers.util import batch_to_device

    from kb.adapt.loss import unit_vectors

    torch.set_num_threads(threads)
    autocast = torch.autocast(device, dtype=torch.bfloat16, enabled=fast_in_bfloat16(device))
    with enough_memory(), torch.no_grad(), autocast:
        model = opened(folder, longest, device).eval()
        texts = prompted(model, items)
        # the longest first: what does not fit into memory does not do so at the end of all work
        order = np.argsort([-len(text) for text in texts], kind="stable")
        vectors = np.zeros((len(texts), model.get_embedding_dimension() or 0), dtype=np.float32)
        for at in range(0, len(order), _AT_ONCE):
            places = order[at : at + _AT_ONCE]
            features = model.preprocess([texts[place] for place in places.tolist()])
            vectors[places] = unit_vectors(model, batch_to_device(features, torch.device(device))).cpu().numpy()
            progress("计算要学的向量", (at + len(places)) / len(order))
    return vectors
