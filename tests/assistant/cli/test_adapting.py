"""``zhida adapt``: which recipe is trained, what is said of the outcome, and going back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_fakes import Zhida, failed

from kb.adapt.run import AdaptReport, Judgement
from kb.adapt.settings import FURTHER, THOROUGH, Settings


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the training was asked for; it takes no time and ends better than before."""
    asked: dict[str, Any] = {"kept": True}

    def adapt(_corpus: object, target: Path, work: Path, **given: Any) -> AdaptReport:
        asked.update(given, target=target, work=work)
        before, after = Judgement(0.5, 0.6, 0.7), Judgement(0.6, 0.7, 0.8)
        return AdaptReport(before, after, asked["kept"], 100, 20, 3.0, "cpu", given["settings"])

    monkeypatch.setattr("kb.adapt.adapt", adapt)
    return asked


@pytest.mark.parametrize(
    ("options", "settings", "onward"),
    [
        ((), Settings(), False),
        (("--epochs", "4"), Settings().lasting(4), False),
        (("--onward",), FURTHER, True),
        (("--thorough",), THOROUGH, False),
    ],
)
def test_the_recipe_follows_the_options(
    zhida: Zhida, own: Path, trained: dict[str, Any], options: tuple[str, ...], settings: Settings, onward: bool
) -> None:
    result = zhida("adapt", "--device", "cpu", *options, corpus=own)

    assert result.exit_code == 0, result.output
    assert (trained["settings"], trained["onward"], trained["device"]) == (settings, onward, "cpu")
    assert trained["target"] == own / "model" / "delta.safetensors"
    assert "hit@1：0.5 → 0.6" in result.stdout and "zhida build" in result.stdout


def test_weights_that_are_no_better_are_not_taken(zhida: Zhida, trained: dict[str, Any]) -> None:
    trained["kept"] = False
    assert "没有变好" in zhida("adapt", "--device", "cpu").stdout


def test_contrary_options_are_refused(zhida: Zhida, trained: dict[str, Any]) -> None:
    failed(zhida("adapt", "--onward", "--thorough"), "只能选一个")
    assert zhida("adapt", "--epochs", "-1").exit_code == 2
    assert "settings" not in trained


def test_going_back(zhida: Zhida, own: Path) -> None:
    failed(zhida("adapt", "--rollback", corpus=own), "没有更早的微调权重")
    (own / "model").mkdir()
    (own / "model" / "delta.safetensors").write_bytes(b"new")
    (own / "model" / "delta-20260101T000000.safetensors").write_bytes(b"old")

    assert "zhida build" in zhida("adapt", "--rollback", corpus=own).stdout

    assert (own / "model" / "delta.safetensors").read_bytes() == b"old"
