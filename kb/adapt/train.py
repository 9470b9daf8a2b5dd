"""Fine-tunes the encoder on the corpus with sentence-transformers' trainer; torch is imported in here only."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kb.adapt.examples import Sample
from kb.embedding.layout import MAX_TOKENS

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Progress = Callable[[str, float], None]
_MEGA = 40
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
    seed: int = 20261123
    threads: int = 2


# A short, gentler run over weights that have been adapted before, whatever layers they have.
FURTHER = Settings(epochs=1, encoder_rate=6e-5, prototype_rate=1e-3, layers=())
# The recipe of the shipped weights, but for `blanked`, which they were made without: with it, held-out forms by nearest
# prototype came to 0.887 instead of 0.884. It takes many hours on two cores.
THOROUGH = Settings(
    epochs=30,
    batch=256,
    encoder_rate=4e-4,
    blanked=0.1,
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

    Returns:
        The folder of the tuned model, ``work/tuned``.
    """
    if (work / _DONE).exists():
        return work / _TUNED
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from transformers import TrainerCallback
    from transformers.utils import logging as hub_logging

    from kb.adapt.loss import PrototypeLoss, unit_vectors

    hub_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_num_threads(settings.threads)
    model = SentenceTransformer(str(base), device="cpu", local_files_only=True)
    model.max_seq_length = settings.longest
    _keep_layers(model, settings.layers)
    prompts = {name: prompt or "" for name, prompt in model.prompts.items()}
    rows = [sample for epoch in samples for sample in epoch]
    texts = [prompts["passage" if sample.passage else "query"] + sample.text for sample in rows]
    dataset = Dataset.from_dict({"text": texts, "label": [sample.unit for sample in rows]})
    order = Order([len(text) for text in texts], [len(epoch) for epoch in samples], settings.batch, settings.seed)

    class Report(TrainerCallback):
        def on_step_end(self, args: object, state: Any, control: object, **kwargs: object) -> None:  # noqa: ANN401
            progress("训练语义模型", state.global_step / max(state.max_steps, 1))

        def on_save(self, args: object, state: Any, control: object, **kwargs: object) -> None:  # noqa: ANN401
            torch.save(loss.prototypes.detach(), work / _PROTOTYPES)

    class Trainer(SentenceTransformerTrainer):
        def get_batch_sampler(self, *_args: object, **_kwargs: object) -> Any:  # noqa: ANN401 - the trainer wants a torch type
            return order

    started = torch.from_numpy(prototypes)
    lessons = None
    if teacher is not None:
        started = torch.load(teacher.parent / _PROTOTYPES, weights_only=True)
        master = SentenceTransformer(str(teacher), device="cpu", local_files_only=True).eval()
        lessons = torch.no_grad()(lambda features: unit_vectors(master, features))
    loss = PrototypeLoss(
        model,
        started,
        torch.from_numpy(alike),
        settings.scale,
        teacher=lessons,
        nearness=settings.nearness,
        blanked=settings.blanked,
    )
    saved = work / _PROTOTYPES
    resume = bool(list(work.glob("checkpoint-*"))) and saved.exists()
    if resume:
        with torch.no_grad():
            loss.prototypes.copy_(torch.load(saved, weights_only=True))
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(work),
        num_train_epochs=1,
        per_device_train_batch_size=settings.batch,
        learning_rate=settings.encoder_rate,
        learning_rate_mapping={"prototypes": settings.prototype_rate},
        warmup_steps=int(settings.warmup * len(order)),
        lr_scheduler_type="linear",
        # Without the instructions for it, a step in bfloat16 takes minutes instead of a second.
        bf16=bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()),
        use_cpu=True,
        seed=settings.seed,
        save_steps=200,
        save_total_limit=1,
        logging_steps=20,
        report_to="none",
        disable_tqdm=True,
    )
    trainer = Trainer(model=model, args=arguments, train_dataset=dataset, loss=loss, callbacks=[Report()])
    trainer.train(resume_from_checkpoint=resume)
    model.max_seq_length = MAX_TOKENS
    model.save(str(work / _TUNED), create_model_card=False)
    torch.save(loss.prototypes.detach(), work / _PROTOTYPES)
    (work / _DONE).touch()
    return work / _TUNED


def _keep_layers(model: SentenceTransformer, layers: Sequence[int]) -> None:
    """Leave the encoder only some of its layers; all of them when none are named."""
    from torch.nn import ModuleList

    transformer: Any = model[0]
    encoder = transformer.auto_model.encoder
    if layers:
        encoder.layer = ModuleList(encoder.layer[number] for number in layers)
        transformer.auto_model.config.num_hidden_layers = len(layers)


class Order:
    """Batches of similar length, epoch by epoch, the same for the same seed.

    Texts are shuffled within their epoch, cut into runs of a few batches, and sorted by length within a run, so that
    little of a batch is padding.
    """

    def __init__(self, lengths: Sequence[int], epochs: Sequence[int], batch: int, seed: int) -> None:
        self._batches = list(_batches(np.array(lengths), epochs, batch, np.random.default_rng(seed)))

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self._batches)


def _batches(
    lengths: NDArray[np.int64], epochs: Sequence[int], batch: int, rng: np.random.Generator
) -> Iterator[list[int]]:
    start = 0
    for size in epochs:
        places = start + rng.permutation(size)
        runs = [places[at : at + batch * _MEGA] for at in range(0, size, batch * _MEGA)]
        mine = [piece for run in runs for piece in _cut(run[np.argsort(lengths[run], kind="stable")], batch)]
        for number in rng.permutation(len(mine)):
            yield mine[number].tolist()
        start += size


def _cut(places: NDArray[np.int64], batch: int) -> list[NDArray[np.int64]]:
    return [places[at : at + batch] for at in range(0, len(places), batch)]
