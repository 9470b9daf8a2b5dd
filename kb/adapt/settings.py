"""How to adapt: the usual recipe, a gentler one over adapted weights, and a longer one near to the packaged model."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    Attributes:
        epochs: passes over all texts.
        rounds: further passes, over a third of the texts, mostly those that the encoder is least sure of. Measured on a
            quarter of the corpus, two epochs and twelve rounds beside six epochs, which take as long: held-out forms
            0.782 and 0.778, AUROC 0.918 and 0.913.
        batch, encoder_rate, prototype_rate, warmup, seed: as usual.
        scale: of cosines in the softmax.
        longest: tokens of a text.
        layers: those of the base's layers that the encoder keeps; all when empty. Half of twelve are left by default:
            that encodes twice as fast.
        general: weight of staying near to the packaged model on text about anything at all; 0 does without such text.
        general_batch: such texts in a step.
        threads: of the processor.
    """

    epochs: int = 2
    rounds: int = 9
    batch: int = 64
    encoder_rate: float = 3e-4
    prototype_rate: float = 2e-3
    scale: float = 25.0
    longest: int = 64
    warmup: float = 0.06
    layers: tuple[int, ...] = (0, 2, 4, 6, 9, 11)
    general: float = 0.0
    general_batch: int = 32
    seed: int = 20261123
    threads: int = 2

    @property
    def passes(self) -> int:
        """How often texts are gone over, all of them or a third."""
        return self.epochs + self.rounds

    def lasting(self, epochs: int) -> Settings:
        """The same with so many epochs, and as many rounds for each as before."""
        return replace(self, epochs=epochs, rounds=self.rounds * epochs // self.epochs)


# A short, gentler run over weights that have been adapted before, whatever layers they have.
FURTHER = Settings(epochs=1, rounds=0, encoder_rate=6e-5, prototype_rate=1e-3, layers=())
# Longer, and near to the packaged model: what comes of it is as good as the shipped weights, which are of an older recipe.
THOROUGH = Settings(epochs=3, rounds=24, batch=256, encoder_rate=4e-4, longest=128, general=1.0)
