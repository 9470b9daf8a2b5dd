"""The training objective: a text's vector should be nearest to its own unit's prototype."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sentence_transformers import SentenceTransformer
from torch import Tensor, nn


class PrototypeLoss(nn.Module):
    """Cross-entropy over cosine to one learned prototype a unit (Movshovitz-Attias et al. 2017, Proxy-NCA).

    Every step sees every unit as a negative, at the price of encoding one text an example. Units that answer the same
    thing are left out of each other's negatives.

    Args:
        model: the encoder.
        prototypes: (units, d) initial prototypes, L2-normalised.
        alike: (units, units) pairs that must not be pushed apart.
        scale: inverse temperature.
    """

    def __init__(self, model: SentenceTransformer, prototypes: Tensor, alike: Tensor, scale: float = 25.0) -> None:
        super().__init__()
        self.model = model
        self.prototypes = nn.Parameter(prototypes.clone())
        self.register_buffer("alike", alike)
        self.scale = scale

    def forward(self, sentence_features: Iterable[dict[str, Any]], labels: Tensor) -> Tensor:
        """Return the mean loss of a batch of single texts; ``labels`` (n,) are their units."""
        (features,) = sentence_features
        vectors = nn.functional.normalize(self.model(features)["sentence_embedding"].float(), dim=1)
        scores = self.scale * vectors @ nn.functional.normalize(self.prototypes, dim=1).T
        masked = scores.masked_fill(self.alike[labels], float("-inf"))  # type: ignore[index]
        return nn.functional.cross_entropy(masked, labels)
