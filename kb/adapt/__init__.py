"""Adapting the encoder to the corpus' own question forms."""

from kb.adapt.run import AdaptReport, adapt, roll_back

__all__ = ["AdaptReport", "adapt", "roll_back"]
