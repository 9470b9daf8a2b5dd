"""A tiny encoder is really trained: it keeps the layers it is told to, learns, and is taken up where it was cut off."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from safetensors.numpy import load_file

from kb.adapt import train as training
from kb.adapt.encoding import Progress, vectors_of
from kb.adapt.examples import NOBODYS, Sample
from kb.adapt.order import Order
from kb.adapt.run import encode
from kb.adapt.settings import Settings
from kb.adapt.train import Anchors, train
from kb.embedding import Embedder, SentenceTransformerEmbedder, layers_of, materialise, write_delta

SAMPLES = [Sample(text, unit, passage=False) for text, unit in (("月付", 0), ("退款", 1), ("你好", 2), ("refund", 1))]
LABELS = np.array([sample.unit for sample in SAMPLES])
QUICK = Settings(epochs=60, rounds=0, batch=4, encoder_rate=1e-2, layers=(), threads=1)
PROTOTYPES = np.eye(3, 32, dtype=np.float32)


@pytest.fixture
def base(tiny_source: Callable[[bytes], None], tmp_path: Path) -> Path:
    return materialise(tmp_path / "models")


def silent(_phrase: str, _share: float) -> None:
    """Nobody watches."""


def trained(base: Path, work: Path, settings: Settings, progress: Progress = silent) -> Path:
    work.mkdir(exist_ok=True)
    passes = [SAMPLES] * settings.passes
    return train(base, passes, PROTOTYPES, np.eye(3, dtype=bool) & False, work, settings, progress)


def own_share(embedder: Embedder) -> float:
    """Mean cosine of the texts to the prototypes of their units."""
    return float((encode(embedder, SAMPLES) * PROTOTYPES[LABELS]).sum(axis=1).mean())


def test_texts_move_to_their_units(base: Path, tmp_path: Path) -> None:
    tuned = trained(base, tmp_path / "work", QUICK)

    assert own_share(SentenceTransformerEmbedder(tuned)) > own_share(SentenceTransformerEmbedder(base)) + 0.2


def test_some_layers_are_kept(base: Path, tmp_path: Path) -> None:
    tuned = trained(
        base, tmp_path / "work", Settings(epochs=1, rounds=0, batch=4, layers=(1,), encoder_rate=1e-9, threads=1)
    )
    delta = tmp_path / "delta.safetensors"
    write_delta(base, tuned, delta, layers=(1,))
    served = materialise(tmp_path / "models", delta=delta)

    before, after = (load_file(folder / "model.safetensors") for folder in (base, served))
    name = "encoder.layer.{}.output.dense.weight"
    assert layers_of(delta) == (1,)
    assert name.format(1) not in after
    np.testing.assert_allclose(after[name.format(0)], before[name.format(1)], atol=1e-5)
    np.testing.assert_allclose(
        encode(SentenceTransformerEmbedder(served), SAMPLES),
        encode(SentenceTransformerEmbedder(tuned), SAMPLES),
        atol=1e-3,
    )


def test_text_of_nobodys_keeps_the_model_near_to_the_packaged_one(base: Path, tmp_path: Path) -> None:
    others = [Sample(text, NOBODYS, passage=True) for text in ("天气", "火车票", "weather", "学校", "ticket", "音乐")]
    settings = replace(QUICK, epochs=40, general=20.0, general_batch=6)

    def kept(general: list[Sample], work: str) -> tuple[float, float]:
        (tmp_path / work).mkdir()
        tuned = train(
            base, [SAMPLES] * 40, PROTOTYPES, np.eye(3, dtype=bool) & False, tmp_path / work, settings, silent,
            anchors=Anchors(general, vectors_of(base, general, settings.longest, silent)) if general else None,
        )  # fmt: skip
        after = SentenceTransformerEmbedder(tuned)
        near = encode(after, others) * encode(SentenceTransformerEmbedder(base), others)
        return float(near.sum(axis=1).mean()), own_share(after)

    (alone, _), (beside, learned) = kept([], "alone"), kept(others, "beside")
    assert beside > alone
    assert beside > 0.9
    assert learned > own_share(SentenceTransformerEmbedder(base)) + 0.1


def test_what_is_done_is_not_done_again(base: Path, tmp_path: Path) -> None:
    settings = Settings(epochs=1, rounds=0, batch=4, layers=(), threads=1)
    tuned = trained(base, tmp_path / "work", settings)
    kept = (tuned / "model.safetensors").stat().st_mtime_ns

    assert trained(base, tmp_path / "work", settings) == tuned
    assert (tuned / "model.safetensors").stat().st_mtime_ns == kept


HARD = replace(QUICK, epochs=20, rounds=40, seed=7)


def test_the_hard_third_is_learned_too(base: Path, tmp_path: Path) -> None:
    whole, hard = (trained(base, tmp_path / f"{of.epochs}", of) for of in (replace(HARD, rounds=0, epochs=21), HARD))
    shares = [own_share(SentenceTransformerEmbedder(tuned)) for tuned in (base, whole, hard)]
    assert shares == sorted(shares)


def test_passes_must_be_as_many_as_the_settings_say(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 passes where 60"):
        train(base, [SAMPLES] * 2, PROTOTYPES, np.eye(3, dtype=bool) & False, tmp_path, QUICK, silent)


def weights(tuned: Path) -> dict[str, np.ndarray]:
    return load_file(tuned / "model.safetensors")


class Recorded(Order):
    """Keeps what is trained on, run by run."""

    runs: ClassVar[list[list[list[int]]]] = []

    def __iter__(self) -> Iterator[list[int]]:
        taken: list[list[int]] = []
        self.runs.append(taken)
        for batch in super().__iter__():
            taken.append(batch)
            yield batch


def interrupted(base: Path, work: Path, after: int) -> None:
    steps: list[float] = []

    def cut(_phrase: str, share: float) -> None:
        steps.append(share)
        if len(steps) == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(base, work, HARD, cut)


@pytest.mark.parametrize("stop_after", [27, 31])
def test_what_was_cut_off_is_taken_up_and_ends_as_if_it_had_not_been(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    """Ten steps between checkpoints: the one in the hard rounds is gone on from, in the order that there would have been."""
    monkeypatch.setattr(training, "SAVE_STEPS", 10)
    monkeypatch.setattr(training, "Order", Recorded)
    Recorded.runs.clear()
    work, steps = tmp_path / "cut", list[float]()
    interrupted(base, work, stop_after)
    tuned = trained(base, work, HARD, lambda _phrase, share: steps.append(share))

    assert len(steps) == HARD.passes - stop_after // 10 * 10
    whole = weights(trained(base, tmp_path / "whole", HARD))
    assert Recorded.runs[1] == Recorded.runs[2]
    for name, tensor in weights(tuned).items():
        np.testing.assert_allclose(tensor, whole[name], atol=2e-2, err_msg=name)
    assert not list(work.glob("checkpoint-*/*.part"))


@pytest.mark.parametrize("damage", ["state cut", "state gone", "checkpoint half written"])
def test_a_checkpoint_that_is_not_whole_is_left_out(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(training, "SAVE_STEPS", 10)
    work = tmp_path / "work"
    interrupted(base, work, 23)
    newest = work / "checkpoint-20"
    if damage == "state cut":
        (newest / "state.safetensors").write_bytes((newest / "state.safetensors").read_bytes()[:100])
    elif damage == "state gone":
        (newest / "state.safetensors").unlink()
    else:
        shutil.rmtree(newest)
        newest.mkdir()
        (newest / "config.json").write_text("{", "utf-8")
    steps: list[float] = []

    again = trained(base, work, HARD, lambda _phrase, share: steps.append(share))

    assert len(steps) == HARD.passes - 10  # from the checkpoint before
    assert own_share(SentenceTransformerEmbedder(again)) > own_share(SentenceTransformerEmbedder(base))
