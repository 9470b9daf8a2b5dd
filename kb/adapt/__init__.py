"""Adapting the encoder to the corpus' own question forms."""

from kb.adapt.installed import roll_back
from kb.adapt.run import AdaptReport, adapt

__all__ = ["AdaptReport", "adapt", "roll_back"]
