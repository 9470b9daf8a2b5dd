"""What every encoder gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into unit vectors, so that an inner product is a cosine.

    Attributes:
        name: for people and logs.
        dimension: the length of a vector.
        digest: sha256 hex of what decides the vectors: weights, tokenizer, prompts and number format. An index built
            under one digest must not be searched under another.
    """

    name: str
    dimension: int
    digest: str

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) float32, L2-normalised rows in the order of `texts`; n = 0 is allowed."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) float32, L2-normalised rows in the order of `texts`; n = 0 is allowed."""
        ...
