"""The loss remembers how sure the encoder was of each text's unit."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from kb.adapt.encoding import opened
from kb.adapt.loss import PrototypeLoss, unit_vectors
from kb.embedding import materialise

UNITS = torch.tensor([0, 1, 2, 1])
ALIKE = torch.zeros((3, 3), dtype=torch.bool)
ALIKE[0, 1] = True  # what answers the same thing is no other answer


def test_sureness_is_the_probability_of_the_own_unit(tiny_source: Callable[[bytes], None], tmp_path: Path) -> None:
    model = opened(materialise(tmp_path), 64, "cpu").eval()
    prototypes = torch.eye(3, 32)
    loss = PrototypeLoss(model, prototypes, ALIKE, UNITS)
    features = model.preprocess(["query: 月付", "query: refund"])

    mean = loss([features], torch.tensor([0, 3]))

    scores = 25 * unit_vectors(model, features).detach().numpy() @ prototypes.numpy().T
    scores[0, 1] = -np.inf
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    own = shares[[0, 1], [0, 1]]
    np.testing.assert_allclose(loss.sure.numpy(), [own[0], 0, 0, own[1]], rtol=1e-4)
    np.testing.assert_allclose(mean.item(), -np.log(own).mean(), rtol=1e-4)
