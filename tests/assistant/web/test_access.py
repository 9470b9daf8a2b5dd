from __future__ import annotations

import stat
from pathlib import Path

import pytest

from assistant.web.access import CODE_FILE, Access, access_code
from kb.errors import StoreError


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_code_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    store = tmp_path / "store"
    code = access_code(store)
    assert code == access_code(store) and len(code) >= 16
    assert stat.S_IMODE((store / CODE_FILE).stat().st_mode) == 0o600
    assert [path.name for path in store.iterdir()] == [CODE_FILE]


def test_a_code_that_is_too_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / CODE_FILE).write_text("1234\n")
    with pytest.raises(StoreError):
        access_code(tmp_path)


def test_a_store_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError):
        access_code(tmp_path / "store")


def test_only_the_code_is_admitted() -> None:
    access = Access("right-code")
    assert access.admits(" right-code\n") and not access.admits("right-cod") and not access.admits("码\udc80")


def test_eight_wrong_codes_block_for_a_minute() -> None:
    clock = Clock()
    access = Access("right-code", clock)
    for _ in range(8):
        assert not access.blocked
        access.admits("wrong")
    assert access.blocked
    clock.now += 61
    assert not access.blocked


def test_a_login_ends_after_twelve_hours_and_with_the_code() -> None:
    clock = Clock()
    cookie = Access("right-code", clock).cookie()
    assert Access("right-code", clock).valid(cookie)
    assert not Access("other-code", clock).valid(cookie)
    clock.now += 12 * 3600 + 1
    assert not Access("right-code", clock).valid(cookie)


@pytest.mark.parametrize("cookie", ["", ".", "9999999999.", "9999999999.x", "x.y", "²." + "0" * 64, "\udc80.é"])
def test_other_cookies_are_not_ours(cookie: str) -> None:
    assert not Access("right-code", Clock()).valid(cookie)
