"""The heading tree of a document as sections, and its body as chunks that are spans of the source."""

from kb.chunking.sections import split

__all__ = ["split"]
