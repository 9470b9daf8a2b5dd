import json
import os
import threading
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from kb import store as store_module
from kb.errors import StaleError, StoreError, UsageError
from kb.store import Store, Version, writable


def build(store: Store, content: str = "内容", *, switch: bool = True) -> Version:
    with store.writing() as folder:
        (folder / "data.txt").write_text(content, "utf-8")
        return store.commit(folder, {"corpus": {"digest": content}}, switch=switch)


def names(store: Store) -> list[str]:
    return sorted(path.name for path in (store.folder / "versions").iterdir())


def test_a_commit_serves(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "store")
    version = build(store)

    current = store.current()

    assert current == version
    assert (current.folder / "data.txt").read_text("utf-8") == "内容"
    assert current.manifest["corpus"] == {"digest": "内容"}
    assert set(current.manifest["files"]) == {"data.txt"}  # type: ignore[call-overload]
    assert names(store) == store.versions() == [version.id]


def test_nothing_is_built_yet(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        Store(tmp_path).current()
    assert "还没有索引，请先运行 zhida build" in caught.value.user_message


def test_a_switch_does_not_touch_who_reads(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old = build(store, "旧")
    new = build(store, "新")

    assert store.current_id() == new.id
    assert (old.folder / "data.txt").read_text("utf-8") == "旧"
    assert store.versions() == [old.id, new.id]


def test_a_version_may_wait(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old = build(store, "旧")
    new = build(store, "新", switch=False)

    assert store.current_id() == old.id
    assert store.open(new.id).manifest["corpus"] == {"digest": "新"}
    store.switch(new.id)
    assert store.current_id() == new.id


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


def test_the_second_writer_is_told(tmp_path: Path) -> None:
    said: list[str] = []

    def second() -> None:
        try:
            build(Store(tmp_path), "第二个")
        except StoreError as error:
            said.append(error.user_message)

    with Store(tmp_path).writing() as folder:
        (folder / "data.txt").write_text("第一个", "utf-8")
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        assert folder.exists()  # the second has swept nothing away
        Store(tmp_path).commit(folder, {})

    assert said == ["另一个进程正在建索引，请等它结束后再试。"]
    assert Store(tmp_path).current().folder.joinpath("data.txt").read_text("utf-8") == "第一个"
    build(Store(tmp_path), "第三个")


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    old = build(Store(tmp_path))

    with Store(tmp_path).writing():
        assert Store(tmp_path).current() == old


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


def test_switching_back_and_forth(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ids = [build(store, str(n)).id for n in range(4)]  # within one second, in order all the same

    assert store.versions() == ids
    for version in reversed(ids[:-1]):
        store.switch(version)
        assert store.current_id() == version
    newest = build(store, "新")
    assert store.current() == newest
    assert store.versions() == [*ids, newest.id]


def test_only_the_newest_versions_stay(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ids = [build(store, str(n)).id for n in range(12)]

    assert store.versions() == ids[2:]
    # switching to a version never deletes it
    store.switch(ids[2])
    for n in range(3):
        build(store, f"等 {n}", switch=False)
    assert ids[2] in store.versions()
    store.switch(ids[2])
    assert store.current_id() == ids[2]
    assert ids[2] in store.versions()


def test_who_judged_against_another_version_is_told(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old = build(store, "旧")
    mine, theirs = build(store, "我的", switch=False), build(store, "别人的", switch=False)
    store.switch(theirs.id, since=old.id)

    with pytest.raises(StoreError) as caught:
        store.switch(mine.id, since=old.id)

    assert "刚才有别人发布" in caught.value.user_message
    assert store.current_id() == theirs.id
    store.switch(mine.id, since=theirs.id)
    assert store.current_id() == mine.id


def test_a_first_publisher_had_nothing_before(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one, other = build(store, "一", switch=False), build(store, "二", switch=False)

    store.switch(one.id, since="")
    with pytest.raises(StoreError):
        store.switch(other.id, since="")
    assert store.current_id() == one.id


def test_a_damaged_version_is_never_switched_to(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, new = build(store, "旧"), build(store, "新")
    (old.folder / "data.txt").write_text("坏", "utf-8")

    with pytest.raises(StoreError, match="damaged"):
        store.switch(old.id)
    assert store.current() == new


def test_names_stay_in_order_where_the_clock_was_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)

    class Clock:
        year = 2099

        @classmethod
        def now(cls, zone: tzinfo) -> datetime:
            return datetime(cls.year, 12, 31, 23, 59, 59, 999_999, tzinfo=zone)

    monkeypatch.setattr(store_module, "datetime", Clock)
    ids = [build(store, "未来").id]
    Clock.year = 2026
    ids += [build(store, str(n)).id for n in range(11)]

    assert store.versions() == ids[-10:] == sorted(ids)[-10:]
    assert store.current_id() == ids[-1]
    store.switch(ids[-2])
    assert store.current_id() == ids[-2]


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


def test_a_version_that_waits_may_be_thrown_away(tmp_path: Path) -> None:
    store = Store(tmp_path)
    serving = build(store, "旧")
    waiting = build(store, "新", switch=False)

    store.discard(waiting.id)

    assert store.versions() == [serving.id]
    with pytest.raises(UsageError):
        store.discard(serving.id)


def test_a_first_version_may_be_thrown_away_too(tmp_path: Path) -> None:
    store = Store(tmp_path)
    only = build(store, switch=False)

    store.discard(only.id)

    assert store.versions() == []


def test_nothing_is_thrown_away_while_nobody_knows_what_serves(tmp_path: Path) -> None:
    store = Store(tmp_path)
    serving = build(store)
    (tmp_path / "CURRENT").write_bytes(b"\xff\xfe")

    with pytest.raises(StoreError):
        store.discard(serving.id)
    assert store.versions() == [serving.id]


def test_a_version_can_be_looked_at_without_reading_its_files(tmp_path: Path) -> None:
    store = Store(tmp_path)
    version = build(store)
    (version.folder / "data.txt").unlink()

    folder, manifest = store.peek(version.id)

    assert (folder, manifest["corpus"]) == (version.folder, {"digest": "内容"})
    with pytest.raises(StoreError):
        store.peek("../..")
