"""The training objective: a text's vector should be nearest to its own unit's prototype."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

from kb.adapt.examples import NOBODYS

Features = dict[str, Any]
Vectorise = Callable[[Features], Tensor]
_SHARPNESS = 50.0  # of how texts are related: cosines of the packaged model are all high
_KEPT_AHEAD = 3  # the start and the prompt, which every text begins with


class PrototypeLoss(nn.Module):
    """Cross-entropy over cosine to one learned prototype a unit (Movshovitz-Attias et al. 2017, Proxy-NCA).

    Every step sees every unit as a negative, at the price of encoding one text an example. Units that answer the same
    thing are left out of each other's negatives. With a teacher, a text's vector should also be near to the teacher's
    (distillation, Hinton et al. 2015), though some of the text is hidden from the learner. Texts labelled ``NOBODYS``
    keep the encoder near to the packaged model: their vectors should be near to its vectors, and related to each other
    as those are (Park et al. 2019). They leave the word embeddings alone, of which only the changed ones are shipped.

    Args:
        model: the encoder.
        prototypes: (units, d) initial prototypes, L2-normalised.
        alike: (units, units) pairs that must not be pushed apart.
        scale: inverse temperature.
        teacher: gives the (n, d) unit vectors of a batch of texts.
        nearness: weight of the distance to the teacher's vector.
        blanked: share of a text's tokens that is hidden from the learner.
        packaged: gives the vectors of texts labelled ``NOBODYS``.
        general: weight of those texts.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        prototypes: Tensor,
        alike: Tensor,
        scale: float = 25.0,
        *,
        teacher: Vectorise | None = None,
        nearness: float = 10.0,
        blanked: float = 0.0,
        packaged: Vectorise | None = None,
        general: float = 0.0,
    ) -> None:
        super().__init__()
        self.model = model
        self.prototypes = nn.Parameter(prototypes.clone())
        self.register_buffer("alike", alike)
        self.scale = scale
        self.nearness = nearness
        self.blanked = blanked
        self.general = general
        self._teacher = teacher
        self._packaged = packaged
        self._words_rest = False
        transformer: Any = model[0]
        words = transformer.auto_model.get_input_embeddings()
        words.register_forward_hook(lambda _module, _input, output: output.detach() if self._words_rest else output)

    def forward(self, sentence_features: Iterable[Features], labels: Tensor) -> Tensor:
        """Return the mean loss of a batch of single texts; ``labels`` (n,) are their units, or ``NOBODYS``."""
        (features,) = sentence_features
        ours = labels != NOBODYS
        loss = self._own(_some(features, ours), labels[ours])
        if self._packaged is None or ours.all():
            return loss
        return loss + self.general * self._others(_some(features, ~ours), self._packaged)

    def _own(self, features: Features, labels: Tensor) -> Tensor:
        vectors = unit_vectors(self.model, blank(features, self.blanked) if self.blanked else features)
        scores = self.scale * vectors @ nn.functional.normalize(self.prototypes, dim=1).T
        masked = scores.masked_fill(self.alike[labels], float("-inf"))  # type: ignore[index]
        loss = nn.functional.cross_entropy(masked, labels)
        if self._teacher is None:
            return loss
        return loss + self.nearness * (1 - (vectors * self._teacher(features)).sum(dim=1)).mean()

    def _others(self, features: Features, packaged: Vectorise) -> Tensor:
        self._words_rest = True
        try:
            vectors = unit_vectors(self.model, features)
        finally:
            self._words_rest = False
        wanted = packaged(features)
        far = (1 - (vectors * wanted).sum(dim=1)).mean()
        related = nn.functional.kl_div(
            _relations(vectors, wanted), _relations(wanted, wanted), reduction="batchmean", log_target=True
        )
        return self.nearness * far + related


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


def blank(features: Features, share: float) -> Features:
    """Hide a random share of each text's tokens, but not its prompt and its end."""
    mask = features["attention_mask"]
    places = torch.arange(mask.shape[1], device=mask.device)
    own = (places >= _KEPT_AHEAD) & (places < mask.sum(dim=1, keepdim=True) - 1)
    hidden = own & (torch.rand(mask.shape, device=mask.device) < share)
    return {**features, "attention_mask": mask.masked_fill(hidden, 0)}
