"""Fine-tunes the encoder on the corpus with sentence-transformers' trainer; torch is imported in here only."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kb.adapt.examples import Sample
from kb.adapt.order import Order
from kb.embedding.layout import MAX_TOKENS
from kb.errors import ModelError, UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Progress = Callable[[str, float], None]
_TUNED, _PROTOTYPES, _DONE = "tuned", "prototypes.pt", "done"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    Attributes:
        epochs, batch, encoder_rate, prototype_rate, warmup, seed: as usual.
        scale: of cosines in the softmax.
        longest: tokens of a text.
        layers: those of the base's layers that the encoder keeps; all when empty. Half of twelve are left by default:
            that encodes twice as fast. Measured with a teacher, on held-out forms by nearest prototype: twelve layers
            0.882, six 0.884, four 0.875.
        teacher: how to train an encoder of all layers first, for this one to start and to learn from.
        nearness, blanked: of learning from it; see :class:`~kb.adapt.loss.PrototypeLoss`.
        general: weight of staying near to the packaged model on text about anything at all; 0 does without such text.
        general_batch: such texts in a step.
        threads: of the processor.
    """

    epochs: int = 5
    batch: int = 64
    encoder_rate: float = 3e-4
    prototype_rate: float = 2e-3
    scale: float = 25.0
    longest: int = 64
    warmup: float = 0.06
    layers: tuple[int, ...] = (0, 2, 4, 6, 9, 11)
    teacher: Settings | None = None
    nearness: float = 10.0
    blanked: float = 0.0
    general: float = 0.0
    general_batch: int = 128
    seed: int = 20261123
    threads: int = 2


# A short, gentler run over weights that have been adapted before, whatever layers they have.
FURTHER = Settings(epochs=1, encoder_rate=6e-5, prototype_rate=1e-3, layers=())
# The recipe of the shipped weights: minutes on a GPU, many hours on two cores.
THOROUGH = Settings(
    epochs=30,
    batch=256,
    encoder_rate=4e-4,
    longest=128,
    blanked=0.1,
    general=1.0,
    teacher=Settings(epochs=18, batch=256, encoder_rate=2e-4, layers=()),
)


def train(
    base: Path,
    samples: Sequence[Sequence[Sample]],
    prototypes: NDArray[np.float32],
    alike: NDArray[np.bool_],
    work: Path,
    settings: Settings,
    progress: Progress,
    teacher: Path | None = None,
    general: Sequence[Sample] = (),
    packaged: Path | None = None,
    device: str = "cpu",
) -> Path:
    """Train and write the tuned model as a sentence-transformers folder.

    Args:
        base: the model folder to start from.
        samples: one list of samples an epoch.
        prototypes: (units, d) starting prototypes.
        alike: (units, units) pairs that are not negatives of each other.
        work: folder for checkpoints; a run that was interrupted there is taken up again, one that was finished is not
            repeated.
        settings: hyperparameters; ``settings.teacher`` is the caller's to carry out.
        progress: called with a phrase and the share done.
        teacher: what this function returned for the model to learn from; its prototypes are started with.
        general: texts about anything at all, on which the model stays near to ``packaged``.
        packaged: the model folder of the packaged weights.
        device: torch's name of what trains; see :func:`pick_device`.

    Returns:
        The folder of the tuned model, ``work/tuned``.

    Raises:
        ModelError: a GPU has too little memory.
    """
    if (work / _DONE).exists():
        return work / _TUNED
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    from datasets import Dataset, disable_progress_bars
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from transformers import TrainerCallback
    from transformers.utils import logging as hub_logging

    from kb.adapt.loss import PrototypeLoss, Vectorise, unit_vectors

    hub_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    disable_progress_bars()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_num_threads(settings.threads)
    model = SentenceTransformer(str(base), device=device, local_files_only=True)
    model.max_seq_length = settings.longest
    _keep_layers(model, settings.layers)
    prompts = {name: prompt or "" for name, prompt in model.prompts.items()}
    rows = [sample for epoch in samples for sample in epoch]
    taught = [*rows, *general]
    texts = [prompts["passage" if sample.passage else "query"] + sample.text for sample in taught]
    dataset = Dataset.from_dict({"text": texts, "label": [sample.unit for sample in taught]})
    order = Order(
        [len(text) for text in texts],
        [len(epoch) for epoch in samples],
        settings.batch,
        settings.seed,
        settings.general_batch,
    )

    class Report(TrainerCallback):
        def on_step_end(self, args: object, state: Any, control: object, **kwargs: object) -> None:  # noqa: ANN401
            progress("训练语义模型", state.global_step / max(state.max_steps, 1))

        def on_save(self, args: object, state: Any, control: object, **kwargs: object) -> None:  # noqa: ANN401
            torch.save(loss.prototypes.detach(), work / _PROTOTYPES)

    class Trainer(SentenceTransformerTrainer):
        def get_batch_sampler(self, *_args: object, **_kwargs: object) -> Any:  # noqa: ANN401 - the trainer wants a torch type
            return order

    started = torch.from_numpy(prototypes)
    if teacher is not None:
        started = torch.load(teacher.parent / _PROTOTYPES, map_location="cpu", weights_only=True)

    def told_by(folder: Path | None) -> Vectorise | None:
        if folder is None:
            return None
        master = SentenceTransformer(str(folder), device=device, local_files_only=True).eval()
        return torch.no_grad()(lambda features: unit_vectors(master, features))

    loss = PrototypeLoss(
        model,
        started,
        torch.from_numpy(alike),
        settings.scale,
        teacher=told_by(teacher),
        packaged=told_by(packaged if general else None),
        nearness=settings.nearness,
        blanked=settings.blanked,
        general=settings.general,
    ).to(device)
    saved = work / _PROTOTYPES
    resume = bool(list(work.glob("checkpoint-*"))) and saved.exists()
    if resume:
        with torch.no_grad():
            loss.prototypes.copy_(torch.load(saved, map_location="cpu", weights_only=True))
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(work),
        num_train_epochs=1,
        per_device_train_batch_size=settings.batch,
        learning_rate=settings.encoder_rate,
        learning_rate_mapping={"prototypes": settings.prototype_rate},
        warmup_steps=int(settings.warmup * len(order)),
        lr_scheduler_type="linear",
        bf16=_fast_in_bfloat16(device),
        use_cpu=device == "cpu",
        seed=settings.seed,
        save_steps=200,
        save_total_limit=1,
        logging_steps=20,
        report_to="none",
        disable_tqdm=True,
    )
    trainer = Trainer(model=model, args=arguments, train_dataset=dataset, loss=loss, callbacks=[Report()])
    try:
        trainer.train(resume_from_checkpoint=resume)
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"out of memory while training: {error}",
            user_message="GPU 的显存不够，训练停了，原来的模型不受影响；请关掉占用显存的程序，或改用 --device cpu。",
        ) from error
    model.max_seq_length = MAX_TOKENS
    model.save(str(work / _TUNED), create_model_card=False)
    torch.save(loss.prototypes.detach(), work / _PROTOTYPES)
    (work / _DONE).touch()
    return work / _TUNED


def pick_device(wish: str) -> str:
    """Torch's name of what is to train: ``cpu``, ``cuda``, or for ``auto`` a GPU where there is one.

    Raises:
        UsageError: a GPU is wished for and torch finds none.
    """
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # the order of batches is for one
    import torch

    found = torch.cuda.is_available()
    if wish == "cuda" and not found:
        raise UsageError("no CUDA device", user_message="这台机器上的 torch 找不到 GPU；请改用 --device cpu。")
    return "cuda" if found and wish != "cpu" else "cpu"


def _fast_in_bfloat16(device: str) -> bool:
    """Without the instructions for it, a step in bfloat16 takes a processor minutes instead of a second."""
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _keep_layers(model: SentenceTransformer, layers: Sequence[int]) -> None:
    """Leave the encoder only some of its layers; all of them when none are named."""
    from torch.nn import ModuleList

    transformer: Any = model[0]
    encoder = transformer.auto_model.encoder
    if layers:
        encoder.layer = ModuleList(encoder.layer[number] for number in layers)
        transformer.auto_model.config.num_hidden_layers = len(layers)
