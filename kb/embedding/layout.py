"""The files of a model folder that any sentence-transformers release can open.

Names of tensors follow transformers' `BertModel`; the settings are those of intfloat/multilingual-e5-small: mean
pooling, L2 normalisation, prompts `query: ` and `passage: `, at most 512 tokens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kb.embedding.errors import WeightsError
from kb.embedding.vocabulary import tokenizer_json
from kb.embedding.weights import Header, PackedModel

PROMPTS = {"query": "query: ", "passage": "passage: "}
MAX_TOKENS = 512
WEIGHTS_FILE, TOKENIZER_FILE = "model.safetensors", "tokenizer.json"
PROMPTS_FILE, LENGTH_FILE = "config_sentence_transformers.json", "sentence_bert_config.json"
WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
# The ONNX form.
Precision = Literal["int8", "fp32"]
INPUTS = ("input_ids", "attention_mask")  # int64, (texts, tokens); mask 1 for a token, 0 for padding
WORDS = "words"  # the weights that lie in a file of their own
OUTPUT = "embedding"  # float32, (texts, hidden), unit rows

_LAYERS = "encoder.layer."
_TOP = {
    "emb.word": WORD_EMBEDDINGS,
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_MODULES = (
    ("", "sentence_transformers.models.Transformer"),
    ("1_Pooling", "sentence_transformers.models.Pooling"),
    ("2_Normalize", "sentence_transformers.models.Normalize"),
)


def tensors(model: PackedModel, keep: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    """Return the BertModel state with only the word rows `keep`; raises WeightsError when a tensor does not fit."""
    names = dict(_TOP)
    for layer in range(model.header.layers):
        for short, long in _LAYER.items():
            names[f"l{layer}.{short}.w"] = f"{_LAYERS}{layer}.{long}.weight"
            names[f"l{layer}.{short}.b"] = f"{_LAYERS}{layer}.{long}.bias"
    state: dict[str, NDArray[np.float32]] = {}
    for source, target in names.items():
        if source not in model.tensors:
            raise WeightsError(f"tensor {source} is missing")
        tensor = _shaped(source, model.tensors[source], model.header)
        state[target] = tensor[keep] if target == WORD_EMBEDDINGS else tensor
    return state


def only_layers(state: Mapping[str, NDArray[np.float32]], layers: Sequence[int]) -> dict[str, NDArray[np.float32]]:
    """Return a state with the given layers alone, numbered anew from 0; all of them when none are given.

    Raises:
        KeyError: the state lacks one of them; its argument is the layer's number.
    """
    if not layers:
        return dict(state)
    kept = {name: tensor for name, tensor in state.items() if not name.startswith(_LAYERS)}
    for new, old in enumerate(layers):
        prefix = f"{_LAYERS}{old}."
        own = {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
        if not own:
            raise KeyError(old)
        kept |= {f"{_LAYERS}{new}.{name}": tensor for name, tensor in own.items()}
    return kept


def count_layers(state: Mapping[str, NDArray[np.float32]]) -> int:
    """Return how many layers a state has."""
    return len({name.removeprefix(_LAYERS).partition(".")[0] for name in state if name.startswith(_LAYERS)})


def _shaped(name: str, flat: NDArray[np.float32], header: Header) -> NDArray[np.float32]:
    """Reshape a flat tensor: embeddings are n × hidden, dense weights outputs × inputs, everything else one row."""
    if name in ("emb.word", "emb.pos", "emb.type"):
        shape = (-1, header.hidden)
    elif name.endswith((".q.w", ".k.w", ".v.w", ".ao.w", ".fi.w")):
        shape = (-1, header.hidden)
    elif name.endswith(".fo.w"):
        shape = (-1, header.ffn)
    else:
        return flat
    if flat.size % shape[1]:
        raise WeightsError(f"tensor {name} has {flat.size} values, no multiple of {shape[1]}")
    return flat.reshape(shape)


def text_files(model: PackedModel, keep: NDArray[np.int64], layers: int) -> dict[str, str]:
    """Return the folder's text files for the word rows `keep` and so many layers: relative path → content."""
    settings: dict[str, object] = {
        "config.json": _config(model, keep, layers),
        "tokenizer_config.json": _tokenizer_config(model),
        "modules.json": [{"idx": i, "name": str(i), "path": p, "type": t} for i, (p, t) in enumerate(_MODULES)],
        LENGTH_FILE: {
            "max_seq_length": MAX_TOKENS,
            "do_lower_case": False,
            "model_args": {"add_pooling_layer": False},  # BERT's own pooler is not part of this model
        },
        "1_Pooling/config.json": {"word_embedding_dimension": model.header.hidden, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
        PROMPTS_FILE: {"prompts": PROMPTS, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    }
    files = {name: json.dumps(value, ensure_ascii=False, indent=2) + "\n" for name, value in settings.items()}
    files[TOKENIZER_FILE] = tokenizer_json(model.vocabulary, keep)
    return files


def _config(model: PackedModel, keep: NDArray[np.int64], layers: int) -> dict[str, object]:
    header = model.header
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "vocab_size": len(keep),
        "hidden_size": header.hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": header.heads,
        "intermediate_size": header.ffn,
        "max_position_embeddings": header.max_positions,
        "type_vocab_size": header.type_vocab,
        "layer_norm_eps": header.eps,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "pad_token_id": keep.tolist().index(model.vocabulary.pad),
    }


def _tokenizer_config(model: PackedModel) -> dict[str, object]:
    special = {"bos": "bos", "eos": "eos", "pad": "pad", "unk": "unk", "cls": "bos", "sep": "eos"}
    pieces = model.vocabulary.pieces
    names = {f"{role}_token": pieces[getattr(model.vocabulary, source)] for role, source in special.items()}
    return {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": MAX_TOKENS, **names}
