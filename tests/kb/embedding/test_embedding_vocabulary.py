"""The tokenizer file cuts text as the packed vocabulary does, and pruning does not change it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from kb.embedding import weights
from kb.embedding.vocabulary import kept_pieces, tokenizer_json
from kb.embedding.weights import PackedModel, Vocabulary

TEXTS = [
    "query: 月付怎么提前还款？",
    "passage: 打开“我的钱包”，选择【银行卡管理】，再按提示完成验证。",
    "臺灣的訂單可以退貨嗎？運費誰出",
    "ＡＢＣ１２３ ｖｉｖｏ ￥９９．９ ～～好的～～",
    "㎏ ℃ Ⅳ ① ㊙ ½ …… —— ·",
    "アプリでカードを使えますか ひらがな",
    "👍🏻 好的😀 ❤️ ✅",
    "a b c x y z A B Z Q 7 0",
    "iPhone 15 Pro 的 WiFi、VIP、GPS 和 USB 都坏了，QQ 和 App 也登不上",
    "https://www.example.com/help?id=12&x=3_4 support@example.com",
    "  多个   空格\t制表\n换行\u3000全角\u200b零宽 ",
    "e\u0301 é Ω α я",
    "《》「」『』、。；：？！（）",
    "12,345.67 2024-05-01 24:00 7.2% +86 138****0000",
]


@pytest.fixture(scope="module")
def model() -> PackedModel:
    return weights.read(weights.locate())


@pytest.fixture(scope="module")
def full(model: PackedModel) -> Tokenizer:
    return Tokenizer.from_str(tokenizer_json(model.vocabulary, np.arange(len(model.vocabulary.pieces))))


@pytest.fixture(scope="module")
def pruned(model: PackedModel) -> Tokenizer:
    return Tokenizer.from_str(tokenizer_json(model.vocabulary, kept_pieces(model.vocabulary)))


def test_rule_on_single_pieces() -> None:
    pieces = (
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        "▁你好",
        "繁體",
        "カタ",
        "▁abcd",
        "▁abcde",
        "привет",
        "я",
        "é",
        "né",
        "😀",
        "。",
    )
    scores = np.zeros(len(pieces), np.float32)
    kept = {pieces[i] for i in kept_pieces(Vocabulary(pieces, scores, 0, 2, 1, 3))}
    assert set(pieces) - kept == {"привет", "né"}


def test_new_ids_are_rows_in_order(tiny_file: Path) -> None:
    vocabulary = weights.read(tiny_file).vocabulary
    keep = kept_pieces(vocabulary)
    document = json.loads(tokenizer_json(vocabulary, keep))
    assert [piece for piece, _ in document["model"]["vocab"]] == [vocabulary.pieces[i] for i in keep]
    assert (np.diff(keep) > 0).all()
    encoded = Tokenizer.from_str(json.dumps(document)).encode("query: 你好привет")
    assert encoded.tokens[0] == "<s>"
    assert encoded.tokens[-1] == "</s>"
    assert "你好" in encoded.tokens
    assert encoded.ids[-2] == document["model"]["unk_id"]


@pytest.mark.model
@pytest.mark.parametrize("text", TEXTS)
def test_pruning_changes_no_cut(full: Tokenizer, pruned: Tokenizer, text: str) -> None:
    assert pruned.encode(text).tokens == full.encode(text).tokens
    assert "<unk>" not in pruned.encode(text).tokens


@pytest.mark.model
def test_every_printable_ascii_and_common_character_is_known(full: Tokenizer, pruned: Tokenizer) -> None:
    common = [
        chr(c) for c in (*range(0x21, 0x7F), *range(0x4E00, 0x9FA6), *range(0x3041, 0x30FF), *range(0xFF01, 0xFF5F))
    ]
    for character in common:
        assert pruned.encode(character).tokens == full.encode(character).tokens


@pytest.mark.model
def test_pruned_words_are_spelt_not_lost(pruned: Tokenizer) -> None:
    for word in ("café", "naïve", "Zürich", "thrombophlebitis", "iphone", "привет"):
        encoded = pruned.encode(word)
        assert "<unk>" not in encoded.tokens
        assert "".join(encoded.tokens[1:-1]) == f"▁{word}"


@pytest.mark.model
def test_normalisation_is_that_of_the_packed_table(model: PackedModel, pruned: Tokenizer) -> None:
    """Character by character, but for what only newer Unicode versions map and the stand-in of the tilde."""
    exempt = {0x32FF, 0xFDD0, 0xA7F1, 0xA7F2, 0xA7F3, 0xA7F4, 0xAB69, 0x1F16C, 0x1F23B}
    for point in {*range(0x20, 0xD800), *range(0xE000, 0x10000), *range(0x1F000, 0x1FB00)} - exempt:
        expected = "".join(map(chr, model.normalisation.get(point, (point,))))
        got = pruned.normalizer.normalize_str(f"_{chr(point)}_")
        assert got == re.sub(" {2,}", " ", f"_{expected}_"), f"U+{point:04X}"
