import json
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder

from kb.adapt import run
from kb.adapt.examples import Sample
from kb.adapt.run import AdaptReport, Judgement
from kb.adapt.train import Settings

REPORT = AdaptReport(Judgement(0.5, 0.6, 0.7), Judgement(0.6, 0.7, 0.8), True, 100, 20, 3.0, "cpu", Settings())


def stages(folder: Path) -> int:
    return len(json.loads((folder / "training.json").read_text("utf-8"))["stages"])


def test_the_log_tells_every_run_behind_the_weights(tmp_path: Path) -> None:
    fresh, target = tmp_path / "fresh.safetensors", tmp_path / "model" / "delta.safetensors"
    fresh.write_bytes(b"new")

    run._install(fresh, target, REPORT, onward=True)
    run._install(fresh, target, REPORT, onward=True)
    assert stages(target.parent) == 2
    run._install(fresh, target, REPORT, onward=False)
    assert stages(target.parent) == 1


def test_weights_that_are_put_back_bring_their_log(tmp_path: Path) -> None:
    fresh, target = tmp_path / "fresh.safetensors", tmp_path / "model" / "delta.safetensors"
    target.parent.mkdir()
    target.write_bytes(b"old")
    (target.parent / "training.json").write_text('{"stages": ["shipped"]}', "utf-8")
    fresh.write_bytes(b"new")

    run._install(fresh, target, REPORT, onward=False)
    assert run.roll_back(target).read_bytes() == b"old"

    assert json.loads((target.parent / "training.json").read_text("utf-8")) == {"stages": ["shipped"]}
    assert sorted(path.name for path in target.parent.iterdir()) == ["delta.safetensors", "training.json"]


@pytest.mark.parametrize("log", ["", "[]", "{}", '{"stages": 3}'])
def test_a_log_that_cannot_be_read_is_begun_anew(tmp_path: Path, log: str) -> None:
    (tmp_path / "training.json").write_text(log, "utf-8")
    (tmp_path / "fresh").write_bytes(b"new")

    run._install(tmp_path / "fresh", tmp_path / "delta.safetensors", REPORT, onward=True)

    assert stages(tmp_path) == 1


def test_what_an_interrupted_run_has_encoded_is_kept(tmp_path: Path) -> None:
    items, path = [Sample("怎么还", 0, False), Sample("打开钱包", 0, True)], tmp_path / "before.npy"
    first, second, third = FakeEmbedder(), FakeEmbedder(), FakeEmbedder()

    vectors = run._encoded_once(path, first, items)
    again = run._encoded_once(path, second, items)
    run._encoded_once(path, third, items[:1])

    np.testing.assert_array_equal(vectors, again)
    assert (first.asked, first.told) == (["怎么还"], ["打开钱包"])
    assert (second.asked, second.told, third.asked) == ([], [], ["怎么还"])
