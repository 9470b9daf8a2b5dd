from pathlib import Path

import pytest

from kb.channels import Channels, channels_from, load_channels
from kb.errors import CorpusError


def test_a_category_has_its_own_lines_or_the_default(tmp_path: Path) -> None:
    path = tmp_path / "channels.yaml"
    path.write_text("default: [拨 95152]\ncategories:\n  抖店: [问抖店客服, 拨 95152]\n", "utf-8")

    channels = load_channels(path)

    assert channels == Channels(("拨 95152",), {"抖店": ("问抖店客服", "拨 95152")})
    assert channels.of("抖店") == ("问抖店客服", "拨 95152")
    assert channels.of("别的") == ("拨 95152",)


def test_no_file_no_channels(tmp_path: Path) -> None:
    assert load_channels(tmp_path / "channels.yaml").of("抖店") == ()


@pytest.mark.parametrize(
    "text", ["- 一", "default: 一", "categories: {甲: 乙}", "categories: [甲]", "default: [", "\xff"]
)
def test_another_shape_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "channels.yaml"
    path.write_bytes(text.encode("latin-1") if text == "\xff" else text.encode())

    with pytest.raises(CorpusError) as caught:
        load_channels(path)
    assert "channels.yaml" in caught.value.user_message


def test_plain_data_and_back() -> None:
    assert channels_from({"default": ["一"], "categories": {"甲": ["二"]}}) == Channels(("一",), {"甲": ("二",)})
