"""Adapting the encoder to the corpus' own question forms."""

from kb.adapt.examples import held_out
from kb.adapt.run import AdaptReport, adapt, roll_back

__all__ = ["AdaptReport", "adapt", "held_out", "roll_back"]
