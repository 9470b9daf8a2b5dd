"""Prune a multilingual Unigram vocabulary to what Chinese support text reaches, and write it as a tokenizers file.

A Unigram tokenizer takes the best-scored cover of a text by pieces (Kudo 2018, arXiv:1804.10959). Removing pieces that
a text's own characters cannot form never changes its cover, so whole scripts can go without any effect on the others.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb.embedding.weights import Vocabulary

META = "▁"
PREFIX_PIECES = ("▁passage",)  # `query: ` and `passage: ` must cut as in training: losing them cost 11 points of hit@1
SHORT_WORD = 4  # Latin letters; shorter pieces spell acronyms, pinyin and brand names, so all of them stay
FREQUENT_WORDS = 12_000  # longer Latin pieces kept, by score; a rarer word is spelt with shorter ones, never unknown

_EAST_ASIAN = ((0x2E80, 0x2FDF), (0x2FF0, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F),
               (0xFF00, 0xFFEF), (0x20000, 0x323AF))  # fmt: skip
_SYMBOLS = ((0xA0, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7), (0x2000, 0x2BFF), (0xE000, 0xF8FF), (0xFE00, 0xFE0F),
            (0x1F000, 0x1FAFF))  # fmt: skip
_SINGLE_LETTERS = ((0xC0, 0x24F), (0x370, 0x4FF))  # accented Latin, Greek and Cyrillic: as single characters only

# NFKC does all but these: controls vanish, other blanks become a space, and the full-width tilde, frequent in Chinese
# chat, stays itself. A noncharacter stands in for it while NFKC runs.
_CONTROLS = r"[\x{00}-\x{08}\x{0B}\x{0E}-\x{1F}\x{7F}\x{8F}\x{9F}]"
_BLANKS = r"[\x{09}\x{0A}\x{0C}\x{0D}\x{1680}\x{200B}-\x{200F}\x{2028}\x{2029}\x{2581}\x{FEFF}\x{FFFD}]"
_TILDE, _STAND_IN = "\uff5e", "\ufdd0"


def kept_pieces(vocabulary: Vocabulary) -> NDArray[np.int64]:
    """Return the ids of the pieces to keep, ascending; depends on nothing but the vocabulary (no Unicode tables)."""
    kinds = [_kind(piece.strip(META)) for piece in vocabulary.pieces]
    words = np.array([i for i, kind in enumerate(kinds) if kind == "word"], np.int64)
    ranked = words[np.argsort(-vocabulary.scores[words], kind="stable")]
    keep = {i for i, kind in enumerate(kinds) if kind == "keep"} | set(ranked[:FREQUENT_WORDS].tolist())
    keep |= {vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk}
    keep |= {i for i, piece in enumerate(vocabulary.pieces) if piece in PREFIX_PIECES}
    return np.array(sorted(keep), np.int64)


def _kind(body: str) -> str:
    """Classify a piece without its word mark: `keep`, `word` (long Latin, kept when frequent) or `drop`."""
    if len(body) == 1 and _within(body, _SINGLE_LETTERS):
        return "keep"
    if not all(c.isascii() or _within(c, _EAST_ASIAN) or _within(c, _SYMBOLS) for c in body):
        return "drop"
    return "word" if len(body) > SHORT_WORD and body.isascii() and body.isalpha() else "keep"


def _within(character: str, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(low <= ord(character) <= high for low, high in ranges)


def tokenizer_json(vocabulary: Vocabulary, keep: NDArray[np.int64]) -> str:
    """Return the `tokenizer.json` of the pruned vocabulary; new id i is the piece keep[i]."""
    ids = {int(old): new for new, old in enumerate(keep)}
    bos, eos, pad, unk = (ids[i] for i in (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk))
    pieces = [vocabulary.pieces[i] for i in keep]
    metaspace = {"type": "Metaspace", "replacement": META, "prepend_scheme": "always", "split": True}
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [_special(i, pieces[i]) for i in sorted((bos, pad, eos, unk))],
            "normalizer": _normalizer(),
            "pre_tokenizer": metaspace,
            "post_processor": _template(pieces[bos], bos, pieces[eos], eos),
            "decoder": metaspace,
            "model": {
                "type": "Unigram",
                "unk_id": unk,
                "vocab": [[piece, float(vocabulary.scores[i])] for piece, i in zip(pieces, keep, strict=True)],
                "byte_fallback": False,
            },
        },
        ensure_ascii=False,
    )


def _special(token_id: int, content: str) -> dict[str, object]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": token_id, "content": content, **flags, "special": True}


def _normalizer() -> dict[str, object]:
    def replace(pattern: dict[str, str], content: str) -> dict[str, object]:
        return {"type": "Replace", "pattern": pattern, "content": content}

    steps = [
        replace({"Regex": _CONTROLS}, ""),
        replace({"Regex": _BLANKS}, " "),
        replace({"String": _TILDE}, _STAND_IN),
        {"type": "NFKC"},
        replace({"String": _STAND_IN}, _TILDE),
        replace({"Regex": " {2,}"}, " "),
        {"type": "Strip", "strip_left": True, "strip_right": True},
    ]
    return {"type": "Sequence", "normalizers": steps}


def _template(bos: str, bos_id: int, eos: str, eos_id: int) -> dict[str, object]:
    def special(token: str) -> dict[str, object]:
        return {"SpecialToken": {"id": token, "type_id": 0}}

    def text(name: str) -> dict[str, object]:
        return {"Sequence": {"id": name, "type_id": 0}}

    return {
        "type": "TemplateProcessing",
        "single": [special(bos), text("A"), special(eos)],
        "pair": [special(bos), text("A"), special(eos), special(eos), text("B"), special(eos)],
        "special_tokens": {
            bos: {"id": bos, "ids": [bos_id], "tokens": [bos]},
            eos: {"id": eos, "ids": [eos_id], "tokens": [eos]},
        },
    }
