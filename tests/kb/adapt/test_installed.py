import json
from pathlib import Path

import pytest

from kb.adapt.installed import install, roll_back

STAGE = {"kept": True, "seconds": 3.0}


def stages(folder: Path) -> int:
    return len(json.loads((folder / "training.json").read_text("utf-8"))["stages"])


def test_the_log_tells_every_run_behind_the_weights(tmp_path: Path) -> None:
    fresh, target = tmp_path / "fresh.safetensors", tmp_path / "model" / "delta.safetensors"
    fresh.write_bytes(b"new")

    install(fresh, target, STAGE, onward=True)
    install(fresh, target, STAGE, onward=True)
    assert stages(target.parent) == 2
    install(fresh, target, STAGE, onward=False)
    assert stages(target.parent) == 1


def test_weights_that_are_put_back_bring_their_log(tmp_path: Path) -> None:
    fresh, target = tmp_path / "fresh.safetensors", tmp_path / "model" / "delta.safetensors"
    target.parent.mkdir()
    target.write_bytes(b"old")
    (target.parent / "training.json").write_text('{"stages": ["shipped"]}', "utf-8")
    fresh.write_bytes(b"new")

    install(fresh, target, STAGE, onward=False)
    assert roll_back(target).read_bytes() == b"old"

    assert json.loads((target.parent / "training.json").read_text("utf-8")) == {"stages": ["shipped"]}
    assert sorted(path.name for path in target.parent.iterdir()) == ["delta.safetensors", "training.json"]


@pytest.mark.parametrize("log", ["", "[]", "{}", '{"stages": 3}'])
def test_a_log_that_cannot_be_read_is_begun_anew(tmp_path: Path, log: str) -> None:
    (tmp_path / "training.json").write_text(log, "utf-8")
    (tmp_path / "fresh").write_bytes(b"new")

    install(tmp_path / "fresh", tmp_path / "delta.safetensors", STAGE, onward=True)

    assert stages(tmp_path) == 1


def test_weights_without_a_log_take_the_newer_log_away(tmp_path: Path) -> None:
    target = tmp_path / "delta.safetensors"
    target.write_bytes(b"new")
    (tmp_path / "training.json").write_text("{}", "utf-8")
    (tmp_path / "delta-20260101T000000.safetensors").write_bytes(b"old")

    roll_back(target)

    assert [path.name for path in tmp_path.iterdir()] == ["delta.safetensors"]
