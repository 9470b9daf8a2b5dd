from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from assistant.web.scratch import own_scratch
from kb.errors import StoreError


def test_gradio_is_given_a_folder_of_the_store_that_only_its_owner_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    folder = own_scratch(tmp_path / "store")
    assert os.environ["GRADIO_TEMP_DIR"] == str(folder) and folder.is_relative_to(tmp_path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_store_that_is_a_file_is_said_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError) as raised:
        own_scratch(tmp_path / "store")
    assert "检查磁盘空间" in raised.value.user_message
