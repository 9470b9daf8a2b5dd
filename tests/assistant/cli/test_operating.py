from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_fakes import Zhida

from kb.store import Store


def test_doctor_finds_nothing_wrong(zhida: Zhida, store: Path) -> None:
    zhida("build")
    result = zhida("doctor")
    assert result.exit_code == 0, result.output
    assert "✗" not in result.stdout
    assert "6 条问答" in result.stdout
    assert Store(store).current_id() in result.stdout


def test_doctor_says_what_is_wrong_and_what_to_do(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    result = zhida("doctor", corpus=own, store=tmp_path / "none")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if "✗" in line and "zhida build" in line]
    zhida("build", corpus=own, store=tmp_path / "s")
    (own / "articles" / "more.md").write_text("# 新\n\n新的一篇。\n", encoding="utf-8")
    assert "知识库有改动" in zhida("doctor", corpus=own, store=tmp_path / "s").stdout
    shutil.rmtree(own)
    broken = zhida("doctor", corpus=own, store=tmp_path / "s")
    assert broken.exit_code == 1
    assert "✗ 知识库" in broken.stdout


@pytest.mark.parametrize(("options", "office"), [((), True), (("--no-office",), False)])
def test_servers_without_the_office_share_the_cores(
    zhida: Zhida, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], office: bool
) -> None:
    served: dict[str, Any] = {}
    monkeypatch.setattr("assistant.web.serve", lambda workspace, **given: served.update(given, workspace=workspace))
    assert zhida("serve", *options, store=tmp_path / "s").exit_code == 0
    assert served["office"] is office
    assert served["workspace"].store.versions() == []  # the server brings its index up to date, once it may show faults
    assert served["workspace"]._threads == (os.cpu_count() if office else 1)
