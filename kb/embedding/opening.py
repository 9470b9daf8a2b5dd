"""Opening the packaged model: made where it is missing, made again where it is damaged."""

from __future__ import annotations

import logging
from pathlib import Path

from kb.embedding.errors import FolderError
from kb.embedding.export import prepare
from kb.embedding.folder import Progress, discard, materialise
from kb.embedding.onnx_encoder import OnnxEmbedder

_log = logging.getLogger(__name__)


def open_packaged(
    root: Path, *, delta: Path | None = None, threads: int = 1, progress: Progress | None = None
) -> OnnxEmbedder:
    """Open the int8 form of the packaged model under ``root``.

    Everything in its folder comes from the installed package and the delta, so a damaged folder costs time, not a person.

    Raises:
        WeightsError, DeltaError: what the folder is made from is missing or damaged.
        FolderError: the folder cannot be written, or is damaged and cannot be replaced.
    """
    folder = materialise(root, delta=delta, progress=progress)
    try:
        return OnnxEmbedder(prepare(root, delta=delta, progress=progress), threads=threads)
    except FolderError as error:
        _log.warning("model folder is damaged and is made again: %s", error)
        if not discard(folder):
            raise
    return OnnxEmbedder(prepare(root, delta=delta, progress=progress), threads=threads)
