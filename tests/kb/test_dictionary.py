"""The compact dictionary cuts as jieba's own does, and is made anew where its kept copy cannot be read."""

import os
from pathlib import Path

import jieba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import dictionary
from kb.dictionary import Cutter, GeneralWords, general_words
from kb.paths import shipped_corpus

OWN = ("抖音月付", "月付", "放心借", "额度abc", "本订单暂不支持", "中")
TEXTS = st.text(st.sampled_from("抖音月付放心借怎么开通还款额度中华人民共和国的了abcABC12.+-，。 \n"), max_size=40)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> jieba.Tokenizer:
    """jieba as it comes, with the same words of one's own."""
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    tokenizer.initialize()
    for word in OWN:
        tokenizer.add_word(word, freq=200_000)
    return tokenizer


@pytest.fixture(scope="module")
def compact() -> Cutter:
    return Cutter(OWN)


@given(text=TEXTS | st.text(max_size=30))
def test_it_cuts_as_jieba_does(plain: jieba.Tokenizer, compact: Cutter, text: str) -> None:
    assert compact.lcut(text) == plain.lcut(text)
    assert compact.lcut_for_search(text) == plain.lcut_for_search(text)


def test_it_cuts_the_shipped_articles_as_jieba_does(plain: jieba.Tokenizer, compact: Cutter) -> None:
    for article in sorted((shipped_corpus() / "articles").glob("*.md")):
        text = article.read_text("utf-8")
        assert compact.lcut(text) == plain.lcut(text)


def test_it_knows_what_jieba_knows(plain: jieba.Tokenizer, compact: Cutter) -> None:
    assert compact.total == plain.total
    known = {word: frequency for word, frequency in plain.FREQ.items() if frequency}
    assert {word: compact.FREQ.get(word) for word in known} == known
    assert [compact.FREQ.get(word) for word in ("", "没有这个词啊", "\0", "\ud800", "中\ud800")] == [0] * 5


def test_a_word_without_frequency_is_none() -> None:
    words = GeneralWords.of([("月", 0), ("月付", 3), ("月付", 7)])

    assert (words.get("月"), words.get("月付"), words.total, words.longest) == (0, 7, 10, 2)
    assert words.beginning("月付额度") == ["月付"]


def test_what_was_kept_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIDA_CACHE", str(tmp_path))
    made = general_words.__wrapped__()
    assert [path.suffix for path in (tmp_path / "jieba").iterdir()] == [".npz"]
    monkeypatch.setattr(dictionary, "dictionary", lambda: pytest.fail("made again"))
    read = general_words.__wrapped__()

    assert (read.total, read.longest) == (made.total, made.longest)
    words = ("开通", "还款", "中华人民共和国", "没有这个词啊")
    assert [read.get(word) for word in words] == [made.get(word) for word in words]


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [lambda _: b"", lambda _: b"no archive", lambda content: content[:-9], lambda content: content[:99], _flipped],
)
def test_a_damaged_copy_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: object) -> None:
    monkeypatch.setenv("ZHIDA_CACHE", str(tmp_path))
    monkeypatch.setattr(dictionary, "dictionary", lambda: iter([("月付", 7, "n")]))
    kept = tmp_path / "jieba" / dictionary._KEPT
    general_words.__wrapped__()
    whole = kept.read_bytes()
    kept.write_bytes(spoil(whole))  # type: ignore[operator]
    with pytest.raises(ValueError, match="damaged"):
        GeneralWords.load(kept)

    assert general_words.__wrapped__().get("月付") == 7
    assert GeneralWords.load(kept).get("月付") == 7


def test_another_archive_is_no_copy(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", trie=np.zeros(3))
    np.save(tmp_path / "single.npy", np.zeros(3))
    for name in ("other.npz", "single.npy"):
        with pytest.raises(ValueError, match="damaged"):
            GeneralWords.load(tmp_path / name)


def test_a_disk_that_takes_nothing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("ZHIDA_CACHE", str(tmp_path))
    monkeypatch.setattr(dictionary, "dictionary", lambda: iter([("月付", 7, "n")]))
    monkeypatch.setattr(os, "fsync", full)

    assert general_words.__wrapped__().get("月付") == 7
    assert list((tmp_path / "jieba").iterdir()) == []


def test_whatever_byte_is_wrong_is_a_damaged_file_or_none(tmp_path: Path) -> None:
    kept = tmp_path / "words.npz"
    GeneralWords.of([("月付", 7), ("还款", 3)]).save(kept)
    whole = kept.read_bytes()
    damaged = 0
    for place in range(0, len(whole), 3):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            read = GeneralWords.load(kept)
        except (OSError, ValueError):  # a wrong place in the archive cannot be gone to
            damaged += 1
        else:  # a date, say
            assert (read.get("月付"), read.get("还款"), read.total, read.longest) == (7, 3, 10, 2)
    assert damaged > len(whole) / 6


def test_bytes_that_are_no_trie_are_a_damaged_file(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "words.npz", trie=np.arange(9, dtype=np.uint8), frequencies=np.ones(1, np.uint32), total=1, longest=1
    )
    with pytest.raises(ValueError, match="damaged"):
        GeneralWords.load(tmp_path / "words.npz")
