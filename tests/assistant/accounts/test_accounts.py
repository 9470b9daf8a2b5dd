from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from assistant.accounts import PASSWORD_FILE, Accounts, User, passwords, role_of
from assistant.accounts import accounts as module
from kb.errors import StoreError, UsageError

PASSWORD = "correct horse battery"


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_COST", 2)
    passwords.nobodys.cache_clear()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Accounts:
    made = Accounts(tmp_path / "store", clock)
    made.add("Ann", "editor", PASSWORD)
    made.add("小李", "staff", PASSWORD)
    return made


def test_accounts_are_listed_without_their_passwords(accounts: Accounts) -> None:
    assert accounts.users() == [User("ann", "editor"), User("小李", "staff")]


def test_the_file_is_for_its_owner_and_holds_no_password_or_token(accounts: Accounts, tmp_path: Path) -> None:
    tokens = accounts.open_login("ann"), accounts.remember_device("ann")
    path = tmp_path / "store" / module.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(secret.encode() in path.read_bytes() for secret in (*tokens, PASSWORD))


def test_a_file_that_others_may_read_is_closed_again(accounts: Accounts, tmp_path: Path) -> None:
    path = tmp_path / "store" / module.FILE
    path.chmod(0o644)
    accounts.users()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_the_right_name_and_password_are_a_user(accounts: Accounts) -> None:
    assert accounts.check(" ＡＮＮ ", PASSWORD) == User("ann", "editor")
    assert accounts.check("ann", PASSWORD + "x") is None
    assert accounts.check("nobody", PASSWORD) is None and accounts.check("\udc80", PASSWORD) is None


def test_a_login_is_its_users_until_it_is_closed(accounts: Accounts) -> None:
    token, other = accounts.open_login("ann"), accounts.open_login("小李")
    assert accounts.who(token) == User("ann", "editor") and accounts.who(other) == User("小李", "staff")
    accounts.close_login(token)
    assert accounts.who(token) is None and accounts.who(other) is not None
    assert accounts.who("") is None and accounts.who("\udc80") is None


def test_a_login_ends_after_twelve_hours_of_use(accounts: Accounts, clock: Clock) -> None:
    token = accounts.open_login("ann")
    for _ in range(11):
        clock.now += 3600
        assert accounts.who(token)
    clock.now += 3601
    assert accounts.who(token) is None


def test_a_login_ends_after_two_idle_hours(accounts: Accounts, clock: Clock) -> None:
    token = accounts.open_login("ann")
    clock.now += 2 * 3600 + 1
    assert accounts.who(token) is None


def test_a_new_password_ends_logins_and_forgets_devices(accounts: Accounts) -> None:
    token, device, other = accounts.open_login("ann"), accounts.remember_device("ann"), accounts.open_login("小李")
    assert accounts.knows_device("Ann", device) and not accounts.knows_device("小李", device)
    accounts.set_password("ANN", "another one entirely")
    assert accounts.who(token) is None and not accounts.knows_device("ann", device) and accounts.who(other)
    assert accounts.check("ann", PASSWORD) is None and accounts.check("ann", "another one entirely")


def test_a_role_counts_at_once_and_a_removed_account_is_out(accounts: Accounts) -> None:
    token = accounts.open_login("小李")
    accounts.set_role("小李", "editor")
    assert accounts.who(token) == User("小李", "editor")
    accounts.remove("小李")
    assert accounts.who(token) is None


@pytest.mark.parametrize("harm", [lambda them: them.remove("ann"), lambda them: them.set_role("ann", "staff")])
def test_the_last_editor_stays(accounts: Accounts, harm: object) -> None:
    with pytest.raises(UsageError, match="no editor"):
        harm(accounts)  # type: ignore[operator]  # the parameter is a function
    assert accounts.users()[0] == User("ann", "editor")


@pytest.mark.parametrize("name", ["", "a b", "<b>", "x" * 33, "../x", "\udc80"])
def test_unfit_names_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(UsageError):
        accounts.add(name, "staff", PASSWORD)


def test_a_name_is_taken_whatever_its_case(accounts: Accounts) -> None:
    with pytest.raises(UsageError, match="exists"):
        accounts.add("aNN", "staff", PASSWORD)


def test_an_unknown_account_is_said(accounts: Accounts) -> None:
    for act in (accounts.remove, accounts.open_login, accounts.remember_device):
        with pytest.raises(UsageError, match="no account"):
            act("bob")


def test_the_first_start_makes_one_editor_and_writes_its_password_down(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "store")
    told = accounts.first_editor()
    assert told == tmp_path / "store" / PASSWORD_FILE and stat.S_IMODE(told.stat().st_mode) == 0o600
    name, password = told.read_text().split()
    assert accounts.check(name, password) == User("editor", "editor")
    assert accounts.first_editor() is None and len(password) >= 16
    accounts.set_password("editor", "another one entirely")
    assert not told.exists()


def test_a_password_that_an_interrupted_start_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / PASSWORD_FILE).write_text("editor\nstale\n")
    told = Accounts(tmp_path).first_editor()
    assert told is not None and "stale" not in told.read_text()


def test_two_processes_that_start_together_make_one_editor(tmp_path: Path) -> None:
    told: list[Path | None] = []
    starts = [threading.Thread(target=lambda: told.append(Accounts(tmp_path).first_editor())) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len([path for path in told if path]) == 1 and len(told) == 4
    name, password = (tmp_path / PASSWORD_FILE).read_text().split()
    assert Accounts(tmp_path).check(name, password)


def test_a_store_that_is_no_folder_and_a_file_that_is_no_database_are_said_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / module.FILE).write_text("this is no database at all, and long enough to tell")
    for folder in (tmp_path / "file", tmp_path):
        with pytest.raises(StoreError) as raised:
            Accounts(folder).users()
        assert "账号文件" in raised.value.user_message


def test_what_an_error_interrupts_is_undone(accounts: Accounts, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        accounts.remove("ann")
    with sqlite3.connect(tmp_path / "store" / module.FILE) as connection:
        assert connection.execute("SELECT count(*) FROM accounts").fetchone() == (2,)
    connection.close()


def test_roles_include_those_below() -> None:
    editor, staff = User("a", "editor"), User("b", "staff")
    assert editor.may("staff") and editor.may("editor") and staff.may("staff") and not staff.may("editor")
    with pytest.raises(UsageError):
        role_of("admin")
