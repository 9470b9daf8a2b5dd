"""Write the ONNX form of a model folder beside its weights, int8 by default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from kb.embedding.errors import FolderError
from kb.embedding.folder import Progress, materialise
from kb.embedding.layout import LENGTH_FILE, PROMPTS_FILE, TOKENIZER_FILE, Precision
from kb.embedding.manifest import combine, is_complete, read_manifest, verify, write_manifest
from kb.manifest import write_whole

if TYPE_CHECKING:
    from kb.embedding.conversion import Converted

FORMAT = 3  # raise it whenever the same weights would give other vectors


def model_file(precision: Precision) -> str:
    """Return the name of the ONNX file of a precision."""
    return f"model_{precision}.onnx"


def words_file(precision: Precision) -> str:
    """Return the name of the array of word embeddings, (words, hidden), which the ONNX file refers to."""
    return f"model_{precision}.words.npy"


def manifest_file(precision: Precision) -> str:
    """Return the name of the list of files that serve a precision, with their checksums."""
    return f"model_{precision}.json"


def export_onnx(folder: Path, *, precision: Precision = "int8") -> Path:
    """Return the ONNX file of a folder of `materialise`, writing it when it is not there yet.

    Raises:
        FolderError: the folder is no whole model folder, is not writable, or its int8 form strays from float32.
    """
    base = read_manifest(folder)
    identity = combine(base.identity, "onnx", f"format {FORMAT}", precision)
    try:
        with FileLock(folder / ".export.lock"):
            if not _exported(folder, precision, identity):
                verify(folder)  # or damaged weights would become a model that passes every check
                # onnx and the weights are for making a model, not for opening one
                from kb.embedding.conversion import converted

                _write(folder, converted(folder, precision, words_file(precision)), precision, identity)
    except OSError as error:
        hint = "无法写入语义模型文件夹，请检查磁盘空间和写权限。"
        raise FolderError(f"cannot write {folder.name}: {error}", user_message=hint) from error
    return folder / model_file(precision)


def prepare(root: Path, *, delta: Path | None = None, progress: Progress | None = None) -> Path:
    """Return a folder ready for both encoders: `materialise`, then `export_onnx`; errors are theirs."""
    folder = materialise(root, delta=delta, progress=progress)
    if progress is not None and not (folder / manifest_file("int8")).is_file():
        progress("生成加速模型", 0.9)
    export_onnx(folder)
    return folder


def _exported(folder: Path, precision: Precision, identity: str) -> bool:
    name = manifest_file(precision)
    if not is_complete(folder, name=name):
        return False
    manifest = read_manifest(folder, name=name)
    return manifest.identity == identity and manifest.files.keys() == _files(precision)


def _files(precision: Precision) -> set[str]:
    return {model_file(precision), words_file(precision), TOKENIZER_FILE, PROMPTS_FILE, LENGTH_FILE}


def _write(folder: Path, form: Converted, precision: Precision, identity: str) -> None:
    write_whole(folder / words_file(precision), form.words)
    write_whole(folder / model_file(precision), form.model)
    base = read_manifest(folder).identity
    write_manifest(folder, identity, base, _files(precision), name=manifest_file(precision))
