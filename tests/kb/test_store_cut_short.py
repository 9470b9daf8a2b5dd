"""Whatever writing is cut short by, the store opens on the old version or the new one, whole."""

import os
from pathlib import Path

import pytest
from versions import build, names

from kb import store as store_module
from kb.errors import StoreError
from kb.store import Store, writable


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old = build(store)

    with pytest.raises(RuntimeError, match="halfway"), store.writing() as folder:
        (folder / "data.txt").write_text("half", "utf-8")
        raise RuntimeError("halfway")

    assert names(store) == [old.id]
    assert store.current() == old


@pytest.mark.parametrize("call", ["rename", "replace"])
def test_a_crash_while_sealing_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = Store(tmp_path)
    old = build(store, "旧")

    def crash(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, call, crash)
        with pytest.raises(StoreError) as caught:
            build(store, "新")

    assert "No space left on device" in caught.value.user_message
    assert store.current() == old
    assert store.versions() == [old.id]
    build(store, "再来")
    assert store.current().manifest["corpus"] == {"digest": "再来"}


def test_a_crash_before_the_switch_leaves_a_whole_version_unused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    old = build(store, "旧")
    write = store_module.write_whole

    def crash(path: Path, text: str) -> None:
        if path.name == "CURRENT":
            raise KeyboardInterrupt
        write(path, text)

    monkeypatch.setattr(store_module, "write_whole", crash)
    with pytest.raises(KeyboardInterrupt):
        build(store, "新")

    assert store.current() == old
    assert store.open(store.versions()[1]).manifest["corpus"] == {"digest": "新"}


def test_a_half_written_version_is_never_opened(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old = build(store)
    killed = tmp_path / "versions" / ".new-deadbeef"
    killed.mkdir()
    (killed / "data.txt").write_text("half", "utf-8")
    partial = tmp_path / "versions" / "99990101T000000-aaaaaa"
    partial.mkdir()
    (partial / "data.txt").write_text("half", "utf-8")

    assert store.versions() == [old.id]
    for name in (killed.name, partial.name):
        with pytest.raises(StoreError, match="no whole version"):
            store.open(name)
        with pytest.raises(StoreError):
            store.switch(name)
    assert store.current() == old
    # even with a manifest, what is not renamed is not listed; the next build sweeps it
    (killed / "manifest.json").write_text("{}", "utf-8")
    assert store.versions() == [old.id]
    build(store)
    assert not killed.exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    with pytest.raises(StoreError) as caught, Store(tmp_path / "file").writing():
        pass
    assert "写不了索引文件夹" in caught.value.user_message


def test_what_the_builder_cannot_read_is_not_blamed_on_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path)

    with pytest.raises(FileNotFoundError), store.writing():
        (tmp_path / "corpus.yaml").read_text("utf-8")

    assert names(store) == []
    build(store)  # the lock was let go


def test_a_builder_guards_what_it_writes(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught, writable(tmp_path):
        (tmp_path / "none" / "data.txt").write_text("内容", "utf-8")
    assert "写不了索引文件夹" in caught.value.user_message


def test_a_removal_that_was_cut_short_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    ids = [build(store, str(n)).id for n in range(10)]
    with monkeypatch.context() as patch:
        patch.setattr(store_module.shutil, "rmtree", lambda *args, **options: None)
        build(store, "新")

    assert ids[0] in names(store)
    assert ids[0] not in store.versions()
    build(store, "再来")
    assert ids[0] not in names(store)


def test_a_pointer_that_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    old, new = build(store, "旧"), build(store, "新", switch=False)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError) as caught:
            store.switch(new.id)

    assert "No space left" in caught.value.user_message
    assert store.current() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", ".switch.lock", "CURRENT", "versions"]
