"""The training objective: a text's vector should be nearest to its own unit's prototype."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

Features = dict[str, Any]
_SHARPNESS = 50.0  # of how texts are related: cosines of the packaged model are all high
_NEARNESS = 10.0  # weight of the distance to the packaged model's vector, beside how texts are related


class PrototypeLoss(nn.Module):
    """Cross-entropy over cosine to one learned prototype a unit (Movshovitz-Attias et al. 2017, Proxy-NCA).

    Every step sees every unit as a negative, at the price of encoding one text an example. Units that answer the same
    thing are left out of each other's negatives. Texts about anything at all keep the encoder near to the packaged
    model: their vectors should be near to its vectors, and related to each other as those are (Park et al. 2019). They
    leave the word embeddings alone, of which only the changed ones are shipped.

    Args:
        model: the encoder.
        prototypes: (units, d) initial prototypes, L2-normalised.
        alike: (units, units) pairs that must not be pushed apart.
        units: (n,) of each text its unit; texts of higher numbers are about anything at all.
        scale: inverse temperature.
        packaged: (m, d) the packaged model's unit vectors of the texts about anything.
        general: weight of those texts.

    Attributes:
        sure: (n,) how sure the encoder was of each text's unit when it last saw it; 0 before.
    """

    prototypes: nn.Parameter
    alike: Tensor
    units: Tensor
    sure: Tensor
    packaged: Tensor | None

    def __init__(
        self,
        model: SentenceTransformer,
        prototypes: Tensor,
        alike: Tensor,
        units: Tensor,
        scale: float = 25.0,
        *,
        packaged: Tensor | None = None,
        general: float = 0.0,
    ) -> None:
        super().__init__()
        self.model = model
        self.prototypes = nn.Parameter(prototypes.clone())
        self.register_buffer("alike", alike)
        self.register_buffer("units", units)
        self.register_buffer("sure", torch.zeros(len(units)))
        self.scale = scale
        self.general = general
        self.register_buffer("packaged", packaged)
        self._words_rest = False
        transformer: Any = model[0]
        words = transformer.auto_model.get_input_embeddings()
        words.register_forward_hook(lambda _module, _input, output: output.detach() if self._words_rest else output)

    def forward(self, sentence_features: Iterable[Features], labels: Tensor) -> Tensor:
        """Return the mean loss of a batch of single texts; ``labels`` (n,) are their numbers."""
        (features,) = sentence_features
        ours = labels < len(self.units)
        loss = self._own(_some(features, ours), labels[ours])
        if self.packaged is None or ours.all():
            return loss
        wanted = self.packaged[labels[~ours] - len(self.units)]
        return loss + self.general * self._others(_some(features, ~ours), wanted)

    def _own(self, features: Features, numbers: Tensor) -> Tensor:
        units = self.units[numbers]
        vectors = unit_vectors(self.model, features)
        with torch.autocast(vectors.device.type, enabled=False):  # a small product, whose rounding would count
            scores = self.scale * vectors @ nn.functional.normalize(self.prototypes, dim=1).T
        masked = scores.masked_fill(self.alike[units], float("-inf"))
        surprise = nn.functional.cross_entropy(masked, units, reduction="none")
        self.sure[numbers] = torch.exp(-surprise.detach())
        return surprise.mean()

    def _others(self, features: Features, wanted: Tensor) -> Tensor:
        self._words_rest = True
        try:
            vectors = unit_vectors(self.model, features)
        finally:
            self._words_rest = False
        far = (1 - (vectors * wanted).sum(dim=1)).mean()
        related = nn.functional.kl_div(
            _relations(vectors, wanted), _relations(wanted, wanted), reduction="batchmean", log_target=True
        )
        return _NEARNESS * far + related


def _some(features: Features, chosen: Tensor) -> Features:
    """The features of some texts, as long as the longest of them."""
    longest = int(features["attention_mask"][chosen].sum(dim=1).max())
    return {
        name: value[chosen][:, :longest] if isinstance(value, Tensor) and value.ndim == 2 else value
        for name, value in features.items()
    }


def _relations(vectors: Tensor, wanted: Tensor) -> Tensor:
    """How likely each text of a batch is taken for each other one, as logarithms: (n, n)."""
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    return nn.functional.log_softmax((_SHARPNESS * vectors @ wanted.T).masked_fill(itself, -1e4), dim=1)


def unit_vectors(model: SentenceTransformer, features: Features) -> Tensor:
    """Embed a batch of tokenised texts: (n, d), L2-normalised."""
    # the modules write what they compute into the mapping they are given
    return nn.functional.normalize(model(dict(features))["sentence_embedding"].float(), dim=1)
