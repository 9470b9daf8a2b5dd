"""Materialise the encoder once as an ordinary sentence-transformers folder in the user's cache.

The folder's name carries a digest of everything that went into it, so another source file, format or delta makes
another folder. It is built aside and renamed, its manifest written last: a folder without a whole manifest is never
opened.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from safetensors.numpy import save_file

from kb.embedding import layout, weights
from kb.embedding.delta import apply_delta
from kb.embedding.errors import DeltaError, FolderError, WeightsError
from kb.embedding.manifest import combine, file_digest, is_complete, write_manifest
from kb.embedding.vocabulary import kept_pieces
from kb.paths import cache_folder

FORMAT = 1  # raise it whenever the same source would give other tensors or another vocabulary
MODEL_NAME = "multilingual-e5-small"
ROOT_VARIABLE = "ZHIDA_MODELS"
Progress = Callable[[str, float], None]


def default_root() -> Path:
    """Return the folder that holds model folders: $ZHIDA_MODELS, else `models` in the user's cache."""
    chosen = os.environ.get(ROOT_VARIABLE)
    return Path(chosen) if chosen else cache_folder("models")


def materialise(target_root: Path, *, delta: Path | None = None, progress: Progress | None = None) -> Path:
    """Return the model folder under `target_root`, building it when it is not there yet.

    Args:
        target_root: where model folders live; created if needed. Two processes may ask at once: one builds, one waits.
        delta: a file of `write_delta`, added to the base weights.
        progress: called with a Chinese phrase and the share done, 0..1, while building.

    Raises:
        WeightsError: the source file is absent or damaged.
        DeltaError: the delta is damaged or belongs to other base weights.
        FolderError: the folder cannot be written.
    """
    source = weights.locate()
    base = combine(MODEL_NAME, f"format {FORMAT}", _digest(source, WeightsError))
    identity = base if delta is None else combine(base, _digest(delta, DeltaError))
    folder = target_root / f"{MODEL_NAME}-{identity[:16]}"
    if is_complete(folder):
        return folder
    try:
        target_root.mkdir(parents=True, exist_ok=True)
        with FileLock(target_root / f".{folder.name}.lock"):
            if not is_complete(folder):
                _remove_leftovers(folder)
                _build(folder, source, delta, base, identity, progress or _silent)
    except OSError as error:
        hint = f"无法写入语义模型文件夹，请检查磁盘空间和写权限，或用环境变量 {ROOT_VARIABLE} 指定另一个文件夹。"
        raise FolderError(f"cannot write {folder.name}: {error}", user_message=hint) from error
    return folder


def discard(folder: Path) -> bool:
    """Delete a damaged folder of :func:`materialise`, so that the next call makes it anew; tell whether that worked."""
    try:
        with FileLock(folder.parent / f".{folder.name}.lock"):
            _remove_leftovers(folder)
    except OSError:
        return False
    return True


def _silent(_phrase: str, _share: float) -> None:
    """Report to nobody."""


def _digest(path: Path, failure: type[WeightsError | DeltaError]) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        raise failure(f"cannot read {path.name}: {error}") from error


def _remove_leftovers(folder: Path) -> None:
    """Delete what an interrupted run left; the caller holds the lock, so nobody is writing it."""
    for path in [folder, *folder.parent.glob(f".{folder.name}.part-*")]:
        if path.is_dir():
            shutil.rmtree(path)


def _build(folder: Path, source: Path, delta: Path | None, base: str, identity: str, progress: Progress) -> None:
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.part-", dir=folder.parent))
    try:
        _fill(part, source, delta, base, identity, progress)
        part.chmod(0o755)  # mkdtemp makes it private; a model folder for several accounts must stay readable
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    progress("语义模型就绪", 1.0)


def _fill(part: Path, source: Path, delta: Path | None, base: str, identity: str, progress: Progress) -> None:
    progress("读取语义模型权重", 0.0)
    model = weights.read(source)
    progress("裁剪词表", 0.4)
    keep = kept_pieces(model.vocabulary)
    state = layout.tensors(model, keep)
    if delta is not None:
        progress("应用微调权重", 0.6)
        state = apply_delta(state, delta, base=base)
    progress("写入语义模型", 0.7)
    files = layout.text_files(model, keep, layout.count_layers(state))
    for name, content in files.items():
        (part / name).parent.mkdir(exist_ok=True)
        (part / name).write_text(content, encoding="utf-8")
    save_file(state, part / layout.WEIGHTS_FILE, metadata={"format": "pt"})
    (part / layout.WEIGHTS_FILE).chmod(0o644)
    write_manifest(part, identity, base, [*files, layout.WEIGHTS_FILE])
