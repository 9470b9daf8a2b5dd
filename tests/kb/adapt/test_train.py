"""A tiny encoder is really trained: it keeps the layers it is told to, learns, and is taken up where it was cut off."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from kb.adapt.examples import NOBODYS, Sample
from kb.adapt.loss import blank
from kb.adapt.run import encode
from kb.adapt.train import Settings, pick_device, train
from kb.embedding import Embedder, SentenceTransformerEmbedder, layers_of, materialise, write_delta
from kb.errors import UsageError

SAMPLES = [Sample(text, unit, passage=False) for text, unit in (("月付", 0), ("退款", 1), ("你好", 2), ("refund", 1))]
LABELS = np.array([sample.unit for sample in SAMPLES])
QUICK = Settings(epochs=60, batch=4, encoder_rate=1e-2, layers=(), threads=1)
PROTOTYPES = np.eye(3, 32, dtype=np.float32)


@pytest.fixture
def base(tiny_source: Callable[[bytes], None], tmp_path: Path) -> Path:
    return materialise(tmp_path / "models")


def trained(base: Path, work: Path, settings: Settings, teacher: Path | None = None) -> Path:
    work.mkdir(exist_ok=True)
    rows = [SAMPLES] * settings.epochs
    return train(base, rows, PROTOTYPES, np.eye(3, dtype=bool) & False, work, settings, lambda *_: None, teacher)


def own_share(embedder: Embedder) -> float:
    """Mean cosine of the texts to the prototypes of their units."""
    return float((encode(embedder, SAMPLES) * PROTOTYPES[LABELS]).sum(axis=1).mean())


def test_texts_move_to_their_units(base: Path, tmp_path: Path) -> None:
    tuned = trained(base, tmp_path / "work", QUICK)

    assert own_share(SentenceTransformerEmbedder(tuned)) > own_share(SentenceTransformerEmbedder(base)) + 0.2


def test_some_layers_are_kept(base: Path, tmp_path: Path) -> None:
    tuned = trained(base, tmp_path / "work", Settings(epochs=1, batch=4, layers=(1,), encoder_rate=1e-9, threads=1))
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


def test_a_teacher_is_followed(base: Path, tmp_path: Path) -> None:
    teacher = trained(base, tmp_path / "teacher", QUICK)
    alone = trained(base, tmp_path / "alone", Settings(epochs=1, batch=4, layers=(1,), threads=1))
    taught = trained(teacher, tmp_path / "work", Settings(epochs=20, batch=4, layers=(1,), threads=1), teacher)

    wanted, far, near = (encode(SentenceTransformerEmbedder(of), SAMPLES) for of in (teacher, alone, taught))
    assert (wanted * near).sum() > (wanted * far).sum() + 0.5


def test_text_of_nobodys_keeps_the_model_near_to_the_packaged_one(base: Path, tmp_path: Path) -> None:
    others = [Sample(text, NOBODYS, passage=True) for text in ("天气", "火车票", "weather", "学校", "ticket", "音乐")]
    settings = replace(QUICK, epochs=40, general=20.0, general_batch=6)

    def kept(general: list[Sample], work: str) -> tuple[float, float]:
        (tmp_path / work).mkdir()
        tuned = train(
            base, [SAMPLES] * 40, PROTOTYPES, np.eye(3, dtype=bool) & False, tmp_path / work, settings,
            lambda *_: None, general=general, packaged=base,
        )  # fmt: skip
        after = SentenceTransformerEmbedder(tuned)
        near = encode(after, others) * encode(SentenceTransformerEmbedder(base), others)
        return float(near.sum(axis=1).mean()), own_share(after)

    (alone, _), (beside, learned) = kept([], "alone"), kept(others, "beside")
    assert beside > alone
    assert beside > 0.9
    assert learned > own_share(SentenceTransformerEmbedder(base)) + 0.1


def test_what_is_done_is_not_done_again(base: Path, tmp_path: Path) -> None:
    settings = Settings(epochs=1, batch=4, layers=(), threads=1)
    tuned = trained(base, tmp_path / "work", settings)
    kept = (tuned / "model.safetensors").stat().st_mtime_ns

    assert trained(base, tmp_path / "work", settings) == tuned
    assert (tuned / "model.safetensors").stat().st_mtime_ns == kept


def test_blanks_spare_prompt_end_and_padding() -> None:
    mask = torch.tensor([[1] * 40, [1] * 30 + [0] * 10])
    blanked = blank({"attention_mask": mask, "input_ids": mask}, 0.5)["attention_mask"]

    assert blanked[:, :3].all()
    assert blanked[0, 39] == blanked[1, 29] == 1
    assert not blanked[1, 30:].any()
    assert 5 < blanked[0, 3:39].sum() < 31
    assert mask.sum() == 70


@pytest.mark.parametrize(
    ("wish", "gpu", "device"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_a_gpu_trains_where_there_is_one_and_nobody_objects(
    wish: str, gpu: bool, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert pick_device(wish) == device


def test_a_gpu_that_is_not_there_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="CUDA") as told:
        pick_device("cuda")
    assert "--device cpu" in told.value.user_message
