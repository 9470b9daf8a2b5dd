"""The encoder as an ONNX graph: BERT, mean pooling and normalisation, in float32 or with int8 matrix products.

The graph is written node by node from the weights rather than traced from PyTorch: it needs no torch on the serving
machine, comes out the same under every torch release, and uses onnxruntime's fused operators directly. It covers the
BERT architecture, the one that `materialise` writes.

Int8 mode: weights per output channel, activations per tensor, quantised as they come (`DynamicQuantizeMatMul`). A few
fixed input channels are 5 to 25 times larger than the others and would cost all others their precision; `smoothing`
divides them before quantising and multiplies their weights instead (SmoothQuant, Xiao et al. 2023, arXiv:2211.10438).
Word embeddings are int8 with one scale a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from kb.embedding.layout import INPUTS, OUTPUT, WORD_EMBEDDINGS, WORDS

PROBES = ("qkv", "fi", "fo")  # matrix products whose input is smoothed: attention in, feed-forward in, feed-forward out
_LEVELS = 127
# Weights of products keep some headroom: processors without VNNI add pairs of products in 16 bits and cut off what
# does not fit. There, with fine-tuned weights, the mean cosine to float32 was 0.9951 at 127 levels, 0.9966 at 104 and
# 0.9918 at 63, where nothing can be cut off.
_PRODUCT_LEVELS = 104
_CONTRIB = "com.microsoft"

State = Mapping[str, NDArray[np.float32]]
Smoothing = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What of the architecture the weights do not tell."""

    layers: int
    heads: int
    eps: float


def quantise_rows(matrix: NDArray[np.float32], levels: int = _LEVELS) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return int8 values up to ± ``levels`` and one symmetric scale a row: matrix ≈ values · scales[:, None]."""
    scales = np.maximum(np.abs(matrix).max(axis=1) / levels, np.float32(1e-12)).astype(np.float32)
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales


def build(state: State, shape: Shape, smoothing: Smoothing | None, probes: Sequence[str] = ()) -> onnx.ModelProto:
    """Build the model.

    Args:
        state: tensors under BertModel's names.
        shape: layers, heads and epsilon.
        smoothing: None for float32; else int8, with the divisors of the input channels of product `l{layer}.{probe}`.
        probes: names of products whose input becomes an output as well, for calibration.
    """
    encoder = _Encoder(state, shape, smoothing)
    encoder.run(frozenset(probes))
    graph = helper.make_graph(
        encoder.nodes,
        "encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in INPUTS],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", state[WORD_EMBEDDINGS].shape[1]])]
        + [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in probes],
        list(encoder.constants.values()),
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_CONTRIB, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


@dataclass(slots=True)
class _Encoder:
    """The graph under construction; methods append nodes and return the name of what they compute."""

    state: State
    shape: Shape
    smoothing: Smoothing | None
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def run(self, probes: frozenset[str]) -> None:
        mask32 = self.node("Cast", [INPUTS[1]], to=TensorProto.INT32)
        hidden = self.embeddings()
        for layer in range(self.shape.layers):
            hidden = self.layer(layer, hidden, mask32, probes)
        self.pool(hidden)

    def node(self, kind: str, inputs: list[str], domain: str = "", name: str = "", **attributes: float) -> str:
        name = name or f"{kind}.{len(self.nodes)}"
        node = helper.make_node(kind, inputs, [name], name=name, domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return name

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def embeddings(self) -> str:
        words = self.words()
        positions, kinds = (self.state[f"embeddings.{kind}_embeddings.weight"] for kind in ("position", "token_type"))
        table = self.constant("positions", positions + kinds[0])
        length = self.node("Shape", [INPUTS[0]], start=1, end=2)
        zero = self.constant("zero", np.array([0], np.int64))
        places = self.node("Slice", [table, zero, length, zero])
        return self.norm(self.node("Add", [words, places]), "embeddings.LayerNorm")

    def words(self) -> str:
        table = self.state[WORD_EMBEDDINGS]
        if self.smoothing is None:
            return self.node("Gather", [self.constant(WORDS, table), INPUTS[0]])
        values, scales = quantise_rows(table)
        rows = self.node("Gather", [self.constant(WORDS, values), INPUTS[0]])
        row_scales = self.node("Gather", [self.constant("word_scales", scales[:, None]), INPUTS[0]])
        return self.node("Mul", [self.node("Cast", [rows], to=TensorProto.FLOAT), row_scales])

    def layer(self, index: int, hidden: str, mask32: str, probes: frozenset[str]) -> str:
        prefix, short = f"encoder.layer.{index}", f"l{index}"
        parts = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
        packed = self.dense(f"{short}.qkv", hidden, parts, probes)
        split = [f"{packed}.{i}" for i in range(3)]
        self.nodes.append(helper.make_node("Split", [packed], split, name=f"{packed}.split", axis=-1, num_outputs=3))
        context = self.node("MultiHeadAttention", [*split, "", mask32], _CONTRIB, num_heads=self.shape.heads)
        mixed = self.dense(f"{short}.ao", context, [f"{prefix}.attention.output.dense"], probes)
        hidden = self.norm(self.node("Add", [hidden, mixed]), f"{prefix}.attention.output.LayerNorm")
        inner = self.dense(f"{short}.fi", hidden, [f"{prefix}.intermediate.dense"], probes)
        inner = self.node("Gelu", [inner], _CONTRIB)
        outer = self.dense(f"{short}.fo", inner, [f"{prefix}.output.dense"], probes)
        return self.norm(self.node("Add", [hidden, outer]), f"{prefix}.output.LayerNorm")

    def dense(self, name: str, inputs: str, parts: list[str], probes: frozenset[str]) -> str:
        """Compute inputs · weightᵀ + bias, several layers' outputs side by side; a weight is outputs × inputs."""
        weight = np.concatenate([self.state[f"{part}.weight"] for part in parts])
        bias = self.constant(f"{name}.bias", np.concatenate([self.state[f"{part}.bias"] for part in parts]))
        if name in probes:
            self.node("Identity", [inputs], name=name)
        if self.smoothing is None:
            product = self.node("MatMul", [inputs, self.constant(f"{name}.weight", weight.T)])
            return self.node("Add", [product, bias])
        if name in self.smoothing:
            divisors = self.smoothing[name]
            inputs = self.node("Mul", [inputs, self.constant(f"{name}.smooth", (1 / divisors).astype(np.float32))])
            weight = weight * divisors
        values, scales = quantise_rows(weight, _PRODUCT_LEVELS)
        constants = [self.constant(f"{name}.weight", values.T), self.constant(f"{name}.scales", scales)]
        return self.node("DynamicQuantizeMatMul", [inputs, *constants, "", bias], _CONTRIB)

    def norm(self, inputs: str, prefix: str) -> str:
        """Layer norm after a separate addition: the fused SkipLayerNormalization took twice the time of both."""
        parts = [self.constant(f"{prefix}.{part}", self.state[f"{prefix}.{part}"]) for part in ("weight", "bias")]
        return self.node("LayerNormalization", [inputs, *parts], axis=-1, epsilon=self.shape.eps)

    def pool(self, hidden: str) -> None:
        """Mean over the unpadded tokens, then unit length; the mean's divisor cancels, so a sum will do."""
        mask = self.node("Cast", [INPUTS[1]], to=TensorProto.FLOAT)
        mask = self.node("Unsqueeze", [mask, self.constant("last", np.array([-1], np.int64))])
        kept = self.node("Mul", [hidden, mask])
        total = self.node("ReduceSum", [kept, self.constant("tokens", np.array([1], np.int64))], keepdims=0)
        self.node("LpNormalization", [total], name=OUTPUT, axis=-1, p=2)
