import gc
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from assistant.history import History, HistoryError, sqlite_url
from assistant.history.history import pseudonym
from assistant.records import Answer
from kb.errors import KbError, UsageError

ANSWER = Answer("answer", "可以。", entries=("yf-open", "yf-open#2"), confidence=0.93)
REFUSAL = Answer("refuse", "这个我答不了。")
DAY = 86_400.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "private" / "history.sqlite3"


@pytest.fixture
def local(path: Path) -> Iterator[History]:
    opened = History(sqlite_url(path), retention_days=30, clock=lambda: 500.0)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def history(request: pytest.FixtureRequest, path: Path) -> Iterator[History]:
    """The same history on each database that we promise."""
    url = sqlite_url(path) if request.param == "sqlite" else request.getfixturevalue("postgres")()
    opened = History(url, retention_days=30, clock=lambda: 500.0)
    yield opened
    opened.close()


def record(
    history: History, question: str = "怎么开通", answer: Answer = ANSWER, at: float = 100.0, who: str = "甲"
) -> int:
    return history.record_turn(who, f"{who}-1", question, answer, at=at, latency_ms=7.5, version="20261123")


def test_a_turn_comes_back_as_it_was(history: History) -> None:
    number = record(history)

    (turn,) = history.recent(10)
    assert (turn.id, turn.question, turn.decision) == (number, "怎么开通", "answer")
    assert turn.entries == ("yf-open", "yf-open#2")
    assert (turn.probability, turn.latency_ms, turn.version, turn.at) == (0.93, 7.5, "20261123", 100.0)
    assert (turn.rating, turn.reason) == (None, "")


def test_what_is_written_is_masked_and_pseudonymous(local: History, path: Path) -> None:
    number = record(local, "我的手机号是13812345678", who="secret-session-token")
    local.feedback(number, -1, "打 13812345678 找我")
    local.close()

    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"13812345678" not in stored
    assert b"secret-session-token" not in stored


@pytest.mark.parametrize("question", ["\ud800\0月付", "😀" * 5_000, "", "'; DROP TABLE turns; --"])
def test_any_unicode_can_be_kept(history: History, question: str) -> None:
    record(history, question)

    kept = history.recent(1)[0].question
    assert len(kept) <= 2_000
    assert "\0" not in kept
    kept.encode()


def test_newest_first_and_limited(history: History) -> None:
    for at in (1.0, 3.0, 2.0):
        record(history, f"第{at:.0f}问", at=at)

    assert [turn.question for turn in history.recent(2)] == ["第3问", "第2问"]
    assert history.recent(0) == []


def test_turns_since_a_time_come_newest_first(history: History) -> None:
    for number, at in enumerate((10.0, 60.0, 50.0)):
        record(history, f"第{number}问", at=at)
    assert [turn.question for turn in history.since(50.0)] == ["第1问", "第2问"]
    assert [turn.question for turn in history.since(0.0, limit=1)] == ["第1问"]


def test_a_second_rating_replaces_the_first(history: History) -> None:
    number = record(history)
    history.feedback(number, -1, "没用")
    history.feedback(number, 1)

    assert (history.recent(1)[0].rating, history.recent(1)[0].reason) == (1, "")


@pytest.mark.parametrize(("number", "value"), [(1, 0), (1, 2), (99, 1), (0, 1), (-1, 1), (2**70, 1)])
def test_feedback_that_makes_no_sense_is_refused(history: History, number: int, value: int) -> None:
    record(history)

    with pytest.raises(UsageError):
        history.feedback(number, value)
    assert history.problem == ""


def test_only_the_asker_may_rate_where_the_visitor_is_named(history: History) -> None:
    number = record(history, who="甲")

    with pytest.raises(UsageError):
        history.feedback(number, 1, visitor="乙")
    history.feedback(number, 1, visitor="甲")
    assert history.recent(1)[0].rating == 1


def test_export_and_erase_one_visitor(local: History, path: Path) -> None:
    local.feedback(record(local, "甲的问题", who="甲"), 1)
    record(local, "乙的问题", who="乙")

    exported = local.export_visitor("甲")
    assert [turn["question"] for turn in exported["turns"]] == ["甲的问题"]  # type: ignore[attr-defined]
    assert local.erase_visitor("甲") == 1
    assert local.export_visitor("甲")["turns"] == []
    assert [turn.question for turn in local.recent(9)] == ["乙的问题"]
    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert "甲的问题".encode() not in stored


def test_staff_erase_by_the_pseudonym_they_see(history: History) -> None:
    record(history)

    assert history.recent(1)[0].visitor == pseudonym("甲")
    assert history.erase_visitor(pseudonym("甲")) == 1


def test_ids_of_erased_turns_are_not_used_again(history: History) -> None:
    first = record(history)
    history.erase_visitor("甲")

    assert record(history) > first


def test_purge_keeps_the_retention_time(local: History, path: Path) -> None:
    local.feedback(record(local, "旧", at=0.0, who="甲"), 1)
    record(local, "新", at=2 * DAY, who="乙")
    record(local, "又来", at=3 * DAY, who="甲")

    assert local.purge(now=31 * DAY) == 1
    assert [turn.question for turn in local.recent(9)] == ["又来", "新"]
    assert local.purge(now=40 * DAY) == 2
    with sqlite3.connect(path) as raw:
        counts = [raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("conversations", "feedback")]  # noqa: S608
    raw.close()
    assert counts == [0, 0]


def test_files_are_private_and_wal(local: History, path: Path) -> None:
    record(local)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert {"history.sqlite3", "history.sqlite3-wal", "history.sqlite3-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_readable_file_is_closed_to_others(path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o644)
    history = History(sqlite_url(path), retention_days=1)
    record(history)
    history.close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_history_that_is_dropped_leaves_no_connection_open(path: Path) -> None:
    history = History(sqlite_url(path), retention_days=1)
    closed: list[object] = []
    event.listen(history._engine, "close", lambda connection, _: closed.append(connection))
    record(history)

    del history
    gc.collect()

    assert closed


def test_many_threads_and_two_openers_lose_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.history.database._BUSY_SECONDS", 60.0)  # a busy machine's disk may take its time
    both = [History(sqlite_url(path), retention_days=1) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda i: record(both[i % 2], f"第{i}问", who=str(i % 5)), range(80)))

    assert len(set(numbers)) == 80
    assert len(both[0].recent(100)) == 80
    for history in both:
        history.close()


def test_memory_is_one_database_for_all_threads() -> None:
    history = History("sqlite://", retention_days=1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: record(history, str(i)), range(20)))

    assert len(history.recent(100)) == 20
    history.close()


def test_a_broken_database_is_one_error_and_is_visible(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all" * 100)
    history = History(sqlite_url(path), retention_days=1)

    for call in (lambda: record(history), lambda: history.recent(1), lambda: history.erase_visitor("甲")):
        with pytest.raises(HistoryError) as caught:
            call()
        assert isinstance(caught.value, KbError)
        assert "13812345678" not in str(caught.value)
    assert "会话历史" in history.check()
    assert history.problem
    history.close()


def test_it_recovers_by_itself(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("assistant.history.history.time.monotonic", lambda: clock[0])
    path.parent.write_text("a file where the folder should be")
    history = History(sqlite_url(path), retention_days=1)
    with pytest.raises(HistoryError):
        record(history)
    path.parent.unlink()

    with pytest.raises(HistoryError):  # still resting
        record(history)
    clock[0] = 10.0
    record(history)
    assert history.problem == ""
    assert history.check() == ""
    history.close()


def test_a_locked_database_fails_without_losing_the_caller(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.history.database._BUSY_SECONDS", 0.05)
    history = History(sqlite_url(path), retention_days=1)
    record(history)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(HistoryError):
        record(history, "我的手机号是13812345678")
    assert history.problem
    other.execute("ROLLBACK")
    other.close()
    record(history)
    assert history.problem == ""
    history.close()


@pytest.mark.parametrize("url", ["", "not a url", "nosuchdb://x/y", "sqlite://host/file", "oracle+nodriver://u:p@h/d"])
def test_a_bad_url_says_so_without_the_password(url: str) -> None:
    with pytest.raises(HistoryError) as caught:
        History(url, retention_days=1)

    assert "u:p" not in str(caught.value) + caught.value.user_message


def test_retention_is_at_least_a_day() -> None:
    with pytest.raises(UsageError):
        History("sqlite://", retention_days=0)


def test_a_database_that_was_deleted_is_made_anew(local: History, path: Path) -> None:
    record(local, "旧")
    path.unlink()

    record(local, "新")

    assert local.check() == ""
    assert [turn.question for turn in local.recent()] == ["新"]
    local.close()
    with closing(History(sqlite_url(path), retention_days=30)) as again:
        assert [turn.question for turn in again.recent()] == ["新"]


def backed_up(local: History, path: Path, folder: Path) -> Path:
    """A copy of the history when it held one turn; it has gone on since."""
    record(local, "旧")
    local.close()
    backup = folder / "backup"
    backup.write_bytes(path.read_bytes())
    record(local, "后来")
    return backup


def test_a_database_that_was_put_back_serves(local: History, path: Path, tmp_path: Path) -> None:
    backup = backed_up(local, path, tmp_path)

    backup.replace(path)  # the journal of the one must not be read into the other
    record(local, "新")

    assert [turn.question for turn in local.recent()] == ["新", "旧"]


def test_another_process_may_open_the_file_that_was_put_back_first(local: History, path: Path, tmp_path: Path) -> None:
    backup = backed_up(local, path, tmp_path)
    backup.replace(path)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink()

    with closing(History(sqlite_url(path), retention_days=30, clock=lambda: 500.0)) as other:
        record(other, "别处")
        record(local, "新")
        assert {turn.question for turn in other.recent()} == {"旧", "别处", "新"}


def test_a_database_that_turned_to_garbage_is_said_to_be_broken(local: History, path: Path, tmp_path: Path) -> None:
    record(local, "旧")
    path.rename(tmp_path / "kept")
    path.write_bytes(bytes(range(256)) * 20)

    with pytest.raises(HistoryError):
        record(local, "新")
    assert local.check() != ""
