import pytest

from kb.errors import UsageError
from kb.milvus.address import Address, parse_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://milvus", Address("http://milvus:19530", "", "", "zhida")),
        ("http://10.0.0.1:1953", Address("http://10.0.0.1:1953", "", "", "zhida")),
        (
            "https://root:a%40b@m.example:443/help?name=shop",
            Address("https://m.example:443", "root:a@b", "help", "shop"),
        ),
        ("http://[::1]:19530", Address("http://[::1]:19530", "", "", "zhida")),
        ("./some/lite.db", Address("./some/lite.db", "", "", "zhida")),
        ("/lite.db?name=two", Address("/lite.db", "", "", "two")),
    ],
)
def test_addresses(url: str, address: Address) -> None:
    assert parse_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "milvus",
        "milvus:19530",
        "ftp://root:secret@milvus",
        "http://",
        "http://root:secret@m:port",
        "http://m?name=a-b",
        "http://m?name=1",
    ],
)
def test_what_is_no_address_is_told_without_its_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(url)
    assert "http://milvus:19530" in caught.value.user_message
    assert "secret" not in f"{caught.value} {caught.value.user_message}"
