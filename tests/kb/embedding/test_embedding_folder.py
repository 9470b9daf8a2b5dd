"""Folders are built once, whole or not at all, and damage is noticed."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from safetensors.numpy import load_file

from kb.embedding import folder as folders
from kb.embedding import weights
from kb.embedding.errors import DeltaError, FolderError, WeightsError
from kb.embedding.folder import default_root, materialise
from kb.embedding.manifest import is_complete, read_manifest, verify

Source = Callable[[bytes], None]


def test_same_source_gives_the_same_folder(tiny_source: Source, tmp_path: Path) -> None:
    first, second = materialise(tmp_path / "a"), materialise(tmp_path / "b")
    assert first.name == second.name
    assert read_manifest(first) == read_manifest(second)
    verify(first)


def test_second_call_touches_nothing(tiny_source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, float]] = []
    folder = materialise(tmp_path, progress=lambda phrase, share: seen.append((phrase, share)))
    assert [share for _, share in seen] == sorted(share for _, share in seen)
    assert seen[-1] == ("语义模型就绪", 1.0)
    monkeypatch.setattr(weights, "read", lambda _path: pytest.fail("read again"))
    assert materialise(tmp_path, progress=lambda *_: pytest.fail("built again")) == folder


def test_another_source_gives_another_folder(tiny_source: Source, tiny_file: Path, tmp_path: Path) -> None:
    first = materialise(tmp_path)
    content = bytearray(tiny_file.read_bytes())
    content[-70] ^= 1
    tiny_source(bytes(content))
    assert materialise(tmp_path) != first


def test_pruned_rows_follow_their_pieces(tiny_source: Source, tiny_file: Path, tmp_path: Path) -> None:
    folder, model = materialise(tmp_path), weights.read(tiny_file)
    vocabulary = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    kept = [piece for piece, _ in vocabulary]
    assert "你好" in kept
    assert "привет" not in kept
    rows = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    full = model.tensors["emb.word"].reshape(-1, 32)
    assert len(rows) == len(kept)
    assert (rows[kept.index("你好")] == full[model.vocabulary.pieces.index("你好")]).all()


def test_half_written_folder_is_rebuilt(tiny_source: Source, tmp_path: Path) -> None:
    folder = materialise(tmp_path)
    expected = read_manifest(folder)
    (folder / "manifest.json").unlink()
    (folder / "model.safetensors").write_bytes(b"half")
    stale = tmp_path / f".{folder.name}.part-dead"
    stale.mkdir()
    assert not is_complete(folder)
    assert materialise(tmp_path) == folder
    assert read_manifest(folder) == expected
    verify(folder)
    assert not stale.exists()


def test_failed_build_leaves_nothing(tiny_source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders, "save_file", full_disk)
    with pytest.raises(FolderError, match="No space") as caught:
        materialise(tmp_path / "root")
    assert "磁盘空间" in caught.value.user_message
    assert [path for path in (tmp_path / "root").iterdir() if path.is_dir()] == []


def test_damaged_source(tiny_source: Source, tiny_file: Path, tmp_path: Path) -> None:
    tiny_source(tiny_file.read_bytes()[:-5000])
    with pytest.raises(WeightsError, match="truncated"):
        materialise(tmp_path)


def test_absent_delta(tiny_source: Source, tmp_path: Path) -> None:
    with pytest.raises(DeltaError, match="cannot read"):
        materialise(tmp_path, delta=tmp_path / "none.delta")


def test_verify_names_the_damaged_file(tiny_source: Source, tmp_path: Path) -> None:
    folder = materialise(tmp_path)
    path = folder / "tokenizer.json"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(FolderError, match=r"tokenizer\.json does not match"):
        verify(folder)
    path.unlink()
    with pytest.raises(FolderError, match=r"tokenizer\.json is missing"):
        verify(folder)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(FolderError, match=r"no readable manifest\.json"):
        verify(folder)


def test_a_waiting_process_finds_the_folder_built(tiny_source: Source, tmp_path: Path) -> None:
    name = materialise(tmp_path / "elsewhere").name
    root = tmp_path / "root"
    root.mkdir()
    context = multiprocessing.get_context("fork")  # the child must see the patched source
    with FileLock(root / f".{name}.lock"):
        child = context.Process(target=materialise, args=(root,))
        child.start()
        child.join(0.5)
        assert child.is_alive()
        assert not (root / name).exists()
    child.join(30)
    assert child.exitcode == 0
    verify(root / name)


def test_two_processes_build_one_folder(tiny_source: Source, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=materialise, args=(tmp_path / "root",)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0] * 4
    (folder,) = [path for path in (tmp_path / "root").iterdir() if path.is_dir()]
    verify(folder)


def test_root_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZHIDA_MODELS", str(tmp_path / "mine"))
    assert default_root() == tmp_path / "mine"
    monkeypatch.delenv("ZHIDA_MODELS")
    monkeypatch.delenv("ZHIDA_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_root().name == "models"
