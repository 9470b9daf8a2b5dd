"""What is damaged is told, and never served or switched to."""

import json
from pathlib import Path

import pytest
from versions import build

from kb.errors import StaleError, StoreError
from kb.store import Store


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "索引文件 data.txt 缺失"), ("内客", "索引文件 data.txt 已损坏"), ("", "索引文件 data.txt 已损坏")],
)
def test_a_damaged_file_is_told(tmp_path: Path, content: str | None, said: str) -> None:
    store = Store(tmp_path)
    path = build(store).folder / "data.txt"
    path.unlink()
    if content is not None:
        path.write_text(content, "utf-8")

    with pytest.raises(StoreError) as caught:
        store.current()
    assert said in caught.value.user_message
    assert "zhida build" in caught.value.user_message


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "\x00"])
def test_a_damaged_manifest_is_told(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    (build(store).folder / "manifest.json").write_text(text, "utf-8")

    with pytest.raises(StoreError) as caught:
        store.current()
    assert "zhida build" in caught.value.user_message


@pytest.mark.parametrize("content", [b"", b"gone", b"\xff\xfe\x00", b"a\x00b", b"../../etc"])
def test_a_damaged_pointer_is_told(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    build(store)
    (tmp_path / "CURRENT").write_bytes(content)

    with pytest.raises(StoreError) as caught:
        store.current()
    assert "zhida build" in caught.value.user_message


def test_a_digit_that_flipped_in_the_manifest_is_told(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.writing() as folder:
        version = store.commit(folder, {"ranker": {"slope": 1.25}})
    path = version.folder / "manifest.json"
    path.write_text(path.read_text("utf-8").replace("1.25", "1.27"), "utf-8")

    with pytest.raises(StoreError) as caught:
        store.current()
    assert "清单已损坏" in caught.value.user_message


def test_another_release_wrote_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = build(store).folder / "manifest.json"
    path.write_text(json.dumps({"schema": 0, "files": {}}), "utf-8")

    with pytest.raises(StaleError):
        store.current()


def test_a_damaged_version_is_never_switched_to(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, new = build(store, "旧"), build(store, "新")
    (old.folder / "data.txt").write_text("坏", "utf-8")

    with pytest.raises(StoreError, match="damaged"):
        store.switch(old.id)
    assert store.current() == new


def test_nothing_is_thrown_away_while_nobody_knows_what_serves(tmp_path: Path) -> None:
    store = Store(tmp_path)
    serving = build(store)
    (tmp_path / "CURRENT").write_bytes(b"\xff\xfe")

    with pytest.raises(StoreError):
        store.discard(serving.id)
    assert store.versions() == [serving.id]
