from __future__ import annotations

import pytest

from assistant.accounts.passwords import hashed, matches, new_password, nobodys
from kb.errors import UsageError


def test_a_password_matches_its_own_hash_only() -> None:
    stored = hashed("correct horse")
    assert matches("correct horse", stored)
    assert not matches("correct hors", stored) and not matches("", stored)
    assert "correct" not in stored and stored.startswith("scrypt$32768$8$1$")


def test_two_hashes_of_one_password_differ() -> None:
    assert hashed("correct horse") != hashed("correct horse")


def test_width_of_letters_does_not_matter() -> None:
    assert matches("ＣＯＲＲＥＣＴ密码密码密码", hashed("CORRECT密码密码密码"))


@pytest.mark.parametrize(
    "stored", ["", "x", "md5$1$1$1$a$b", "scrypt$3$8$1$AAAA$AAAA", "scrypt$a$b$c$d$e", "scrypt$2$8$1$é$A"]
)
def test_a_damaged_hash_matches_nothing(stored: str) -> None:
    assert not matches("correct horse", stored)


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_unfit_passwords_are_refused(password: str) -> None:
    with pytest.raises(UsageError):
        hashed(password)


def test_made_passwords_are_long_and_never_the_same() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50 and min(map(len, made)) >= 16


def test_nobody_has_the_password_of_nobody() -> None:
    assert not matches("", nobodys()) and nobodys() is nobodys()
