import json
import os
from pathlib import Path

import pytest

from kb.atomic import locked, recover, settle, write_all
from kb.errors import CorpusError, UsageError


def test_writes_all_and_cleans_up(tmp_path: Path) -> None:
    write_all({tmp_path / "faq" / "a.yaml": "甲\n", tmp_path / "articles" / "b.md": "乙\n"}, tmp_path)

    assert (tmp_path / "faq" / "a.yaml").read_text("utf-8") == "甲\n"
    assert (tmp_path / "articles" / "b.md").read_text("utf-8") == "乙\n"
    assert list((tmp_path / ".import").iterdir()) == []


@pytest.mark.parametrize("moves", range(4))
def test_crash_at_any_move_is_finished_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int) -> None:
    files = {tmp_path / name: "新" for name in ("a", "b", "c")}
    for path in files:
        path.write_text("旧", "utf-8")
    done = 0
    real = Path.replace

    def crashing(self: Path, target: Path) -> Path:
        nonlocal done
        if done == moves:
            raise KeyboardInterrupt
        done += 1
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crashing)
        with pytest.raises(KeyboardInterrupt):
            write_all(files, tmp_path)

    finished = recover(tmp_path)

    assert finished == (moves > 0)
    assert {path.read_text("utf-8") for path in files} == {"新" if finished else "旧"}
    assert list((tmp_path / ".import").iterdir()) == []


def test_recover_without_anything(tmp_path: Path) -> None:
    assert recover(tmp_path) is False


def test_disk_errors_are_ours(tmp_path: Path) -> None:
    (tmp_path / ".import").write_text("a file in the way", "utf-8")

    with pytest.raises(CorpusError) as caught:
        write_all({tmp_path / "a": "x"}, tmp_path)
    assert "磁盘" in caught.value.user_message


def test_a_full_disk_leaves_nothing_staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("旧", "utf-8")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CorpusError) as caught:
            write_all({tmp_path / "a": "新", tmp_path / "b": "新"}, tmp_path)

    assert "No space left" in caught.value.user_message
    assert (tmp_path / "a").read_text("utf-8") == "旧"
    assert list((tmp_path / ".import").iterdir()) == []


def test_a_reader_sees_the_whole_of_an_interrupted_change(tmp_path: Path) -> None:
    staging = tmp_path / ".import"
    settle(tmp_path)
    assert not staging.exists()  # reading alone writes nothing
    staging.mkdir()
    (staging / "0.tmp").write_text("新", "utf-8")
    (staging / "journal.json").write_text(json.dumps({"0.tmp": "faq.yaml"}), "utf-8")

    settle(tmp_path)

    assert (tmp_path / "faq.yaml").read_text("utf-8") == "新"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"0.tmp": "no/such/folder/x"}'])
def test_a_damaged_journal_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / ".import").mkdir()
    (tmp_path / ".import" / "0.tmp").write_text("新", "utf-8")
    (tmp_path / ".import" / "journal.json").write_text(text, "utf-8")

    with pytest.raises(CorpusError) as caught:
        settle(tmp_path)
    assert "上次导入中断了" in caught.value.user_message


def test_journal_names_paths_below_the_folder(tmp_path: Path) -> None:
    staging = tmp_path / ".import"
    staging.mkdir()
    (staging / "0.tmp").write_text("新", "utf-8")
    (staging / "journal.json").write_text(json.dumps({"0.tmp": "faq.yaml"}), "utf-8")

    assert recover(tmp_path)
    assert (tmp_path / "faq.yaml").read_text("utf-8") == "新"


def test_files_can_go_in_the_same_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("旧", "utf-8")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kb.atomic._move", crash)
        with pytest.raises(KeyboardInterrupt):
            write_all({new: b"\xff", old: None}, tmp_path)
    assert old.exists() and not new.exists()

    assert recover(tmp_path)
    assert new.read_bytes() == b"\xff" and not old.exists()


def test_one_writer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.atomic._LOCK_SECONDS", 0.0)
    with locked(tmp_path), pytest.raises(UsageError) as caught, locked(tmp_path):
        pass
    assert "稍后再试" in caught.value.user_message
