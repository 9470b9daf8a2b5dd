import stat
from pathlib import Path

import pytest

from assistant.web.api_keys import ApiKeys, is_loopback, keys_for
from kb.errors import StoreError, UsageError


def test_a_key_is_known_by_name_and_stored_as_a_digest(tmp_path: Path) -> None:
    path = tmp_path / "private" / "keys"
    keys = ApiKeys(path)
    shop, bank = keys.create("shop"), keys.create("客服")

    assert (keys.name_of(shop), keys.name_of(bank), keys.name_of("zhida_no"), keys.name_of("")) == (
        "shop",
        "客服",
        None,
        None,
    )
    assert shop not in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_revoking_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    keys = ApiKeys(path)
    key = keys.create("shop")
    assert keys.name_of(key) == "shop"
    path.write_text("# nobody\n\n", encoding="utf-8")

    assert keys.name_of(key) is None
    path.unlink()
    assert keys.name_of(key) is None


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "a\nb", "shop"])
def test_bad_or_taken_names(tmp_path: Path, name: str) -> None:
    keys = ApiKeys(tmp_path / "keys")
    keys.create("shop")

    with pytest.raises(UsageError):
        keys.create(name)


@pytest.mark.parametrize("content", [b"one-word\n", b"name nodigest\n", b"\xff\xfe\n"])
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content)

    with pytest.raises(StoreError):
        ApiKeys(path).name_of("zhida_x")


def test_unwritable_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        ApiKeys(tmp_path).create("shop")


def test_keys_are_off_on_loopback_until_there_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    assert keys_for("127.0.0.1", path) is None
    assert keys_for("0.0.0.0", path) is not None  # noqa: S104 - not bound to

    ApiKeys(path).create("shop")
    assert keys_for("localhost", path) is not None


@pytest.mark.parametrize(
    ("host", "only_here"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("localhost", True), ("192.0.2.1", False), ("", False)],
)
def test_loopback(host: str, only_here: bool) -> None:
    assert is_loopback(host) is only_here
