"""What few words ask of an entry, and what is asked next: products of vectors, learned from conversations.

多久 asks for another entry after a refund than after an application. Its words alone are near to no entry, and what was
learned from questions that say everything does not tell which of a subject's entries answers it. A bilinear form of the
turn's vector and the entry's does, and another one of the entry just given and the one that is asked about next. Both
hold for the model alone whose vectors they were learned with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Array = NDArray[np.float64]

NAMES = ("asked", "follows")


@dataclass(frozen=True, slots=True)
class Senses:
    """A model's vectors of a turn and of the entries that it may mean.

    Attributes:
        words: (d,) the turn's words alone.
        before: (d,) the mean of the forms of the entry just given; zeros where there is none.
        entries: (c, d) the means of the candidates' forms.
    """

    words: Vectors
    before: Vectors
    entries: Vectors


@dataclass(frozen=True, slots=True)
class Bilinear:
    """A bilinear form of low rank; both sides are (d, r)."""

    left: Vectors
    right: Vectors

    def of(self, vector: Vectors, others: Vectors) -> Array:
        """Its values for one vector, (d,), and several others, (n, d)."""
        return np.asarray((others @ self.right) @ (vector @ self.left), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Products:
    """The two forms."""

    asked: Bilinear
    follows: Bilinear

    def values(self, senses: Senses) -> Array:
        """Return (c, len(NAMES))."""
        pairs = ((self.asked, senses.words), (self.follows, senses.before))
        return np.stack([form.of(vector, senses.entries) for form, vector in pairs], axis=1)

    def to_arrays(self) -> dict[str, Vectors]:
        """Named arrays for a file."""
        return {
            f"{name}.{side}": getattr(getattr(self, name), side).astype(np.float32)
            for name in NAMES
            for side in ("left", "right")
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Vectors]) -> Products:
        """Read what :meth:`to_arrays` wrote; raises KeyError where an array is missing."""
        asked, follows = (Bilinear(arrays[f"{name}.left"], arrays[f"{name}.right"]) for name in NAMES)
        return cls(asked, follows)
