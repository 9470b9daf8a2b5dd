from pathlib import Path

import pytest

from kb.errors import CorpusError
from kb.lexicon import Lexicon, load_lexicon


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_whole_lexicon(tiny_folder: Path) -> None:
    lexicon = load_lexicon(tiny_folder / "lexicon")

    assert lexicon.words == ("抖音月付", "月付", "花呗", "账单日")
    assert lexicon.stop_words == {"的", "吗", "请问"}
    assert lexicon.aliases == {"dou分期": "抖音月付", "月付": "抖音月付"}
    assert lexicon.typos == {"月服": "月付", "月负": "月付", "环款": "还款"}
    assert lexicon.synonyms == {"开通": "开通", "激活": "开通", "关闭": "关闭", "关掉": "关闭"}
    assert lexicon.slots["action"] == {"开通": ("开通", "激活"), "关闭": ("关闭", "关掉")}


def test_every_file_may_be_missing_or_empty(tmp_path: Path) -> None:
    assert load_lexicon(tmp_path) == Lexicon()
    for name in ("words.txt", "stopwords.txt", "aliases.yaml", "typos.yaml", "synonyms.yaml", "slots.yaml"):
        write(tmp_path, name, "")
    assert load_lexicon(tmp_path) == Lexicon()


def test_words_are_normalised_and_longer_names_come_first(tmp_path: Path) -> None:
    write(tmp_path, "words.txt", "ＤＯＵ分期 # 注释\n#只有注释\n\n額度\n")
    write(tmp_path, "aliases.yaml", "抖音月付: [a, 月付, ＤＯＵ月付, 抖月付]")

    lexicon = load_lexicon(tmp_path)

    assert lexicon.words == ("dou分期", "额度")
    assert list(lexicon.aliases) == ["dou月付", "抖月付", "月付", "a"]


def test_a_misspelling_without_characters_is_none(tmp_path: Path) -> None:
    write(tmp_path, "typos.yaml", "征信: ['', '\u200b', 征心]")

    assert load_lexicon(tmp_path).typos == {"征心": "征信"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("aliases.yaml", "- 月付"),
        ("aliases.yaml", "月付: 抖月付"),
        ("typos.yaml", "征信: [征心"),
        ("synonyms.yaml", "开通: [激活]"),
        ("synonyms.yaml", "- 开通"),
        ("synonyms.yaml", "- []"),
        ("slots.yaml", "- 月付"),
        ("slots.yaml", "product: [月付]"),
        ("slots.yaml", "product: {月付: 抖月付}"),  # one cue, not a list of its characters
        ("slots.yaml", "product: {月付: 3}"),
        ("slots.yaml", "product: {月付: [2026-02-30]}"),
    ],
)
def test_faults_name_the_file(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(CorpusError) as caught:
        load_lexicon(write(tmp_path, name, text))

    assert f"词表 {name}" in caught.value.user_message


@pytest.mark.parametrize("name", ["words.txt", "stopwords.txt", "slots.yaml"])
def test_another_encoding_is_a_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes("月付".encode("gbk"))

    with pytest.raises(CorpusError) as caught:
        load_lexicon(tmp_path)
    assert name in caught.value.user_message
