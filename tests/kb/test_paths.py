from pathlib import Path

import pytest

from kb.dictionary import general_words
from kb.errors import UsageError
from kb.paths import cache_folder
from kb.tokens import Tokenizer


def test_the_cache_is_where_it_is_told_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIDA_CACHE", str(tmp_path / "deep" / "cache"))

    assert cache_folder("models") == tmp_path / "deep" / "cache" / "models"
    assert cache_folder("models").is_dir()


def test_a_cache_that_cannot_be_made_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("ZHIDA_CACHE", str(tmp_path / "file" / "cache"))

    with pytest.raises(UsageError) as caught:
        cache_folder()
    assert "ZHIDA_CACHE" in caught.value.user_message


def test_words_need_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = Tokenizer().words("抖音月付怎么提前还款")
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("ZHIDA_CACHE", str(tmp_path / "file" / "cache"))
    general_words.cache_clear()

    assert Tokenizer().words("抖音月付怎么提前还款") == words
    general_words.cache_clear()
