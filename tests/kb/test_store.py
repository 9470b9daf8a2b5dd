import threading
from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from versions import build, names

from kb import store as store_module
from kb.errors import StoreError, UsageError
from kb.store import Store


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


def test_a_version_can_be_looked_at_without_reading_its_files(tmp_path: Path) -> None:
    store = Store(tmp_path)
    version = build(store)
    (version.folder / "data.txt").unlink()

    folder, manifest = store.peek(version.id)

    assert (folder, manifest["corpus"]) == (version.folder, {"digest": "内容"})
    with pytest.raises(StoreError):
        store.peek("../..")
