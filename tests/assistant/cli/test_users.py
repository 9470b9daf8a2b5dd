from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.accounts import Accounts, User, passwords
from assistant.cli.main import app


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_COST", 2)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def run(store: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["user", *words, "--store", str(store)], input=typed)


def test_an_account_is_added_with_a_password_that_is_shown_once(store: Path) -> None:
    shown = run(store, "add", "小李")
    found = re.search(r"密码：(\S+)", shown.output)
    assert shown.exit_code == 0 and found is not None
    assert Accounts(store).check("小李", found.group(1)) == User("小李", "staff")
    assert found.group(1) not in run(store, "list").output


def test_a_password_may_be_given_and_is_not_shown(store: Path) -> None:
    shown = run(store, "add", "ann", "--role", "editor", "--stdin", typed="a password of mine\n")
    assert "password" not in shown.output
    assert Accounts(store).check("ann", "a password of mine") == User("ann", "editor")


def test_a_reset_ends_what_was_before(store: Path) -> None:
    run(store, "add", "ann", "--stdin", typed="a password of mine\n")
    token = Accounts(store).open_login("ann")
    assert run(store, "reset", "ann", "--stdin", typed="another password\n").exit_code == 0
    assert Accounts(store).who(token) is None and Accounts(store).check("ann", "another password")


def test_roles_change_and_accounts_go(store: Path) -> None:
    run(store, "add", "ann", "--role", "editor")
    run(store, "add", "bob")
    assert run(store, "role", "bob", "editor").exit_code == 0
    assert run(store, "remove", "ann").exit_code == 0
    assert Accounts(store).users() == [User("bob", "editor")]


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("add", "a b"), "", "用户名只能用"),
        (("add", "ann", "--role", "boss"), "", "没有“boss”这个角色"),
        (("add", "ann", "--stdin"), "short\n", "密码要有"),
        (("add", "ann", "--stdin"), "", "标准输入里没有密码"),
        (("reset", "nobody"), "", "没有账号“nobody”"),
        (("remove", "nobody"), "", "没有账号“nobody”"),
    ],
)
def test_mistakes_are_said_in_chinese(store: Path, words: tuple[str, ...], typed: str, said: str) -> None:
    result = run(store, *words, typed=typed)
    assert result.exit_code == 1 and said in result.output
    assert Accounts(store).users() == []
