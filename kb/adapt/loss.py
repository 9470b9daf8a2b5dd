"""The training objective: a text's vector should be nearest to its own unit's prototype."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

Features = dict[str, Any]
_KEPT_AHEAD = 3  # the start and the prompt, which every text begins with


class PrototypeLoss(nn.Module):
    """Cross-entropy over cosine to one learned prototype a unit (Movshovitz-Attias et al. 2017, Proxy-NCA).

    Every step sees every unit as a negative, at the price of encoding one text an example. Units that answer the same
    thing are left out of each other's negatives. With a teacher, a text's vector should also be near to the teacher's
    (distillation, Hinton et al. 2015), though some of the text is hidden from the learner.

    Args:
        model: the encoder.
        prototypes: (units, d) initial prototypes, L2-normalised.
        alike: (units, units) pairs that must not be pushed apart.
        scale: inverse temperature.
        teacher: gives the (n, d) unit vectors of a batch of texts.
        nearness: weight of the distance to the teacher's vector.
        blanked: share of a text's tokens that is hidden from the learner.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        prototypes: Tensor,
        alike: Tensor,
        scale: float = 25.0,
        *,
        teacher: Callable[[Features], Tensor] | None = None,
        nearness: float = 10.0,
        blanked: float = 0.0,
    ) -> None:
        super().__init__()
        self.model = model
        self.prototypes = nn.Parameter(prototypes.clone())
        self.register_buffer("alike", alike)
        self.scale = scale
        self.nearness = nearness
        self.blanked = blanked
        self._teacher = teacher

    def forward(self, sentence_features: Iterable[Features], labels: Tensor) -> Tensor:
        """Return the mean loss of a batch of single texts; ``labels`` (n,) are their units."""
        (features,) = sentence_features
        vectors = unit_vectors(self.model, blank(features, self.blanked) if self.blanked else features)
        scores = self.scale * vectors @ nn.functional.normalize(self.prototypes, dim=1).T
        masked = scores.masked_fill(self.alike[labels], float("-inf"))  # type: ignore[index]
        loss = nn.functional.cross_entropy(masked, labels)
        if self._teacher is None:
            return loss
        return loss + self.nearness * (1 - (vectors * self._teacher(features)).sum(dim=1)).mean()


def unit_vectors(model: SentenceTransformer, features: Features) -> Tensor:
    """Embed a batch of tokenised texts: (n, d), L2-normalised."""
    # the modules write what they compute into the mapping they are given
    return nn.functional.normalize(model(dict(features))["sentence_embedding"].float(), dim=1)


def blank(features: Features, share: float) -> Features:
    """Hide a random share of each text's tokens, but not its prompt and its end."""
    mask = features["attention_mask"]
    places = torch.arange(mask.shape[1], device=mask.device)
    own = (places >= _KEPT_AHEAD) & (places < mask.sum(dim=1, keepdim=True) - 1)
    hidden = own & (torch.rand(mask.shape, device=mask.device) < share)
    return {**features, "attention_mask": mask.masked_fill(hidden, 0)}
