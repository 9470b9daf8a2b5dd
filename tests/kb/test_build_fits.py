"""The fit is kept while hardly anything changes."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from shop import Shop

from kb import build as build_module


def test_a_damaged_fit_does_not_stop_the_repair(shop: Shop) -> None:
    path = shop.store.current().folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "ranker": {}}), "utf-8")

    ranker = shop.build(FakeEmbedder()).manifest["ranker"]

    assert isinstance(ranker, Mapping)
    assert ranker["calibrated"]


def fits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    counted: list[int] = []
    fit = build_module.fit_ranker
    monkeypatch.setattr(build_module, "fit_ranker", lambda *args, **options: counted.append(1) or fit(*args, **options))
    return counted


def test_the_fit_is_kept_while_hardly_anything_changes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = fits(monkeypatch)
    ranker = shop.store.current().manifest["ranker"]

    assert shop.build(FakeEmbedder()).manifest["ranker"] == ranker
    assert counted == []
    shop.build(FakeEmbedder(), refit=True)
    assert len(counted) == 1
    shop.rows = shop.rows[:-1]
    shop.build(FakeEmbedder())
    assert len(counted) == 2


def test_small_changes_add_up_to_a_new_fit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = fits(monkeypatch)
    for number in range(5):
        shop.rows[1]["alternates"] = [*shop.rows[1]["alternates"], f"第{number}种关法"]  # type: ignore[misc]
        shop.build(FakeEmbedder())

    # one row of about 110 at a time: 0.9%, 1.8%, then above 2% and counted from nothing again
    assert len(counted) == 1


def test_a_default_fit_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = fits(monkeypatch)
    shop = Shop(tmp_path)
    shop.rows = shop.rows[:1]

    for _ in range(2):
        ranker = shop.build(FakeEmbedder()).manifest["ranker"]
        assert isinstance(ranker, Mapping)
        assert not ranker["calibrated"]
        assert "相似问太少" in str(ranker["note"])
    assert len(counted) == 2
