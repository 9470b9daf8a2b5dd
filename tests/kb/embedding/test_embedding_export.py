"""The ONNX form computes what a plain numpy BERT computes, is written whole, and is checked."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from kb.embedding import conversion
from kb.embedding.calibration import session
from kb.embedding.errors import FolderError
from kb.embedding.export import export_onnx, prepare
from kb.embedding.folder import materialise
from kb.embedding.graph import Shape, build, quantise_rows
from kb.embedding.manifest import read_manifest, write_manifest
from kb.embedding.onnx_encoder import OnnxEmbedder

Source = Callable[[bytes], None]
Array = NDArray[np.float32]
SHAPE = Shape(layers=2, heads=2, eps=1e-12)


def naive_bert(state: dict[str, Array], ids: list[int]) -> Array:
    """One text through BERT (Devlin et al. 2019), mean pooling and normalisation, as written in the paper."""

    def dense(x: Array, name: str) -> Array:
        return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    def norm(x: Array, name: str) -> Array:
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + SHAPE.eps)
        return (x - x.mean(axis=-1, keepdims=True)) / spread * state[f"{name}.weight"] + state[f"{name}.bias"]

    x = state["embeddings.word_embeddings.weight"][ids] + state["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + state["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for index in range(SHAPE.layers):
        layer = f"encoder.layer.{index}"
        q, k, v = (dense(x, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for h in np.split(np.arange(x.shape[1]), SHAPE.heads):
            scores = np.exp(q[:, h] @ k[:, h].T / math.sqrt(len(h)))
            heads.append(scores / scores.sum(axis=1, keepdims=True) @ v[:, h])
        mixed = dense(np.concatenate(heads, axis=1), f"{layer}.attention.output.dense")
        x = norm(x + mixed, f"{layer}.attention.output.LayerNorm")
        inner = dense(x, f"{layer}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = norm(x + dense(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    mean = x.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def run(model: onnx.ModelProto, texts: list[list[int]]) -> Array:
    longest = max(map(len, texts))
    ids = np.array([text + [1] * (longest - len(text)) for text in texts], np.int64)
    mask = np.array([[1] * len(text) + [0] * (longest - len(text)) for text in texts], np.int64)
    return np.asarray(session(model.SerializeToString()).run(None, {"input_ids": ids, "attention_mask": mask})[0])


def test_float32_graph_is_bert(tiny_source: Source, tmp_path: Path) -> None:
    state = load_file(materialise(tmp_path) / "model.safetensors")
    texts = [[0, 9, 10, 2], [0, 11, 12, 13, 14, 15, 2], [0, 2]]
    expected = np.stack([naive_bert(state, text) for text in texts])
    np.testing.assert_allclose(run(build(state, SHAPE, None), texts), expected, atol=2e-6)


def test_smoothing_leaves_the_function_alone(tiny_source: Source, tmp_path: Path) -> None:
    state = load_file(materialise(tmp_path) / "model.safetensors")
    divisors = {"l0.fi": np.linspace(1, 20, 32, dtype=np.float32), "l1.fo": np.linspace(1, 3, 64, dtype=np.float32)}
    texts = [[0, 9, 10, 2]]
    cosine = float((run(build(state, SHAPE, divisors), texts)[0] * naive_bert(state, texts[0])).sum())
    assert cosine > 0.99


def test_rows_are_quantised_to_half_a_step() -> None:
    matrix = np.random.default_rng(0).normal(size=(5, 40)).astype(np.float32)
    matrix[2] = 0
    values, scales = quantise_rows(matrix)
    assert np.abs(values * scales[:, None] - matrix).max() <= scales.max() * 0.5001
    assert np.abs(values).max(axis=1).tolist() == [127, 127, 0, 127, 127]


def test_export_once(tiny_source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = materialise(tmp_path)
    path = export_onnx(folder)
    assert read_manifest(folder, name="model_int8.json").identity != read_manifest(folder).identity
    monkeypatch.setattr(conversion, "converted", lambda *_: pytest.fail("exported again"))
    assert export_onnx(folder) == path
    assert prepare(tmp_path) == folder


def test_incomplete_export_is_made_again(tiny_source: Source, tmp_path: Path) -> None:
    folder = prepare(tmp_path)
    path, content = folder / "model_int8.onnx", (folder / "model_int8.onnx").read_bytes()
    path.write_bytes(content[:-10])
    with pytest.raises(FolderError, match="does not match its checksum"):
        OnnxEmbedder(folder)
    export_onnx(folder)
    assert path.read_bytes() == content
    assert OnnxEmbedder(folder).encode_queries(["你好"]).shape == (1, 32)


def test_form_of_an_earlier_release_is_made_again_with_the_same_identity(tiny_source: Source, tmp_path: Path) -> None:
    folder = prepare(tmp_path)
    manifest = read_manifest(folder, name="model_int8.json")
    names = manifest.files.keys() - {"model_int8.words.npy"}
    write_manifest(folder, manifest.identity, manifest.base, names, name="model_int8.json")
    (folder / "model_int8.words.npy").unlink()

    export_onnx(folder)

    assert read_manifest(folder, name="model_int8.json") == manifest
    assert OnnxEmbedder(folder).encode_queries(["你好"]).shape == (1, 32)


def test_bulk_is_the_same_on_several_cores(tiny_source: Source, tmp_path: Path) -> None:
    folder = prepare(tmp_path)
    texts = ["月付" * (i * 7 % 40) + "退款" * (i % 3) for i in range(200)]
    alone, two = OnnxEmbedder(folder, threads=1), OnnxEmbedder(folder, threads=2)
    np.testing.assert_array_equal(two.encode_queries(texts), alone.encode_queries(texts))
    singles = np.concatenate([alone.encode_queries([text]) for text in texts])
    assert float((two.encode_queries(texts) * singles).sum(axis=1).min()) > 0.99


def test_absent_export_says_so(tiny_source: Source, tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"model_int8\.json"):
        OnnxEmbedder(materialise(tmp_path))
    with pytest.raises(FolderError):
        export_onnx(tmp_path)


def test_other_architecture_is_refused(tiny_source: Source, tmp_path: Path) -> None:
    folder = materialise(tmp_path)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "roberta"}), encoding="utf-8")
    manifest = read_manifest(folder)
    write_manifest(folder, manifest.identity, manifest.base, manifest.files)
    with pytest.raises(FolderError, match="only BERT"):
        export_onnx(folder)


def test_damaged_weights_are_not_exported(tiny_source: Source, tmp_path: Path) -> None:
    path = materialise(tmp_path) / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(FolderError, match="does not match its checksum"):
        export_onnx(path.parent)


def test_straying_int8_is_refused(tiny_source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "_LEAST_COSINE", 1.1)
    with pytest.raises(FolderError, match="stray from float32"):
        export_onnx(materialise(tmp_path))


def test_sessions_share_the_words_that_were_read_when_the_first_was_opened(tiny_source: Source, tmp_path: Path) -> None:
    folder = prepare(tmp_path)
    embedder, fresh = OnnxEmbedder(folder, threads=2), OnnxEmbedder(folder, threads=1)
    texts = ["月付", "退款多久到账"]
    before = fresh.encode_queries(texts)
    words = folder / "model_int8.words.npy"
    np.save(words, np.zeros_like(np.load(words)))

    # the session for several texts is opened only now
    np.testing.assert_array_equal(embedder.encode_queries(texts), before)
