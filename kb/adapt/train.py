"""Fine-tunes the encoder on the corpus with sentence-transformers' trainer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kb.adapt.checkpoints import Asked, keep_state, take_up
from kb.adapt.encoding import Progress, Vectors, enough_memory, fast_in_bfloat16, opened, prompted
from kb.adapt.examples import Sample
from kb.adapt.order import Order
from kb.adapt.settings import Settings
from kb.embedding.layout import MAX_TOKENS
from kb.embedding.torch_encoder import offline

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SAVE_STEPS = 200
_TUNED, _DONE = "tuned", "done"


@dataclass(frozen=True, slots=True)
class Anchors:
    """Texts about anything at all, and the (n, d) vectors of the packaged model that the encoder stays near to."""

    texts: Sequence[Sample]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Written:
    """The passes laid out: each way in which a text is written once, and which row each text is in each pass."""

    samples: list[Sample]
    numbers: list[int]
    rows: NDArray[np.int64]


def lay_out(passes: Iterable[Sequence[Sample]]) -> Written:
    """Lay out passes over the same texts in the same order; most are written the same way in most of them."""
    places: dict[tuple[int, str], int] = {}
    samples: list[Sample] = []
    rows = [[_place(places, samples, number, sample) for number, sample in enumerate(one)] for one in passes]
    return Written(samples, [number for number, _ in places], np.array(rows, dtype=np.int64))


def _place(places: dict[tuple[int, str], int], samples: list[Sample], number: int, sample: Sample) -> int:
    key = (number, sample.text)
    if key not in places:
        places[key] = len(samples)
        samples.append(sample)
    return places[key]


def train(
    base: Path,
    passes: Iterable[Sequence[Sample]],
    prototypes: Vectors,
    alike: NDArray[np.bool_],
    work: Path,
    settings: Settings,
    progress: Progress,
    *,
    anchors: Anchors | None = None,
    device: str = "cpu",
) -> Path:
    """Train and write the tuned model as a sentence-transformers folder.

    Args:
        base: the model folder to start from.
        passes: the same samples in the same order as they are written in each of ``settings.passes``.
        prototypes: (units, d) starting prototypes.
        alike: (units, units) pairs that are not negatives of each other.
        work: folder for checkpoints; a run that was interrupted there is taken up again, one that was finished is not
            repeated.
        settings: hyperparameters.
        progress: called with a phrase and the share done.
        anchors: what keeps the model near to the packaged one.
        device: torch's name of what trains; see :func:`~kb.adapt.encoding.pick_device`.

    Returns:
        The folder of the tuned model, ``work/tuned``.

    Raises:
        ModelError: a GPU has too little memory.
        ValueError: there are more or fewer passes than the settings say.
    """
    if (work / _DONE).exists():
        return work / _TUNED
    offline()
    import torch

    torch.set_num_threads(settings.threads)
    written = lay_out(passes)
    if len(written.rows) != settings.passes:
        raise ValueError(f"{len(written.rows)} passes where {settings.passes} were to be")
    with enough_memory():
        model = opened(base, settings.longest, device)
        _keep_layers(model, settings.layers)
        _trained(model, written, prototypes, alike, work, settings, progress, anchors, device)
    model.max_seq_length = MAX_TOKENS
    model.save(str(work / _TUNED), create_model_card=False)
    (work / _DONE).touch()
    return work / _TUNED


def _trained(
    model: SentenceTransformer,
    written: Written,
    prototypes: Vectors,
    alike: NDArray[np.bool_],
    work: Path,
    settings: Settings,
    progress: Progress,
    anchors: Anchors | None,
    device: str,
) -> None:
    import torch
    from datasets import Dataset, disable_progress_bars
    from safetensors.torch import load_file
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from transformers import PrinterCallback, TrainerCallback

    from kb.adapt.loss import PrototypeLoss

    disable_progress_bars()
    count = written.rows.shape[1]
    further = anchors.texts if anchors else ()
    texts = prompted(model, [*written.samples, *further])
    units = np.zeros(count, dtype=np.int64)
    units[written.numbers] = [sample.unit for sample in written.samples]
    loss = PrototypeLoss(
        model,
        torch.from_numpy(prototypes),
        torch.from_numpy(alike),
        torch.from_numpy(units),
        settings.scale,
        packaged=torch.from_numpy(anchors.vectors) if anchors else None,
        general=settings.general,
    ).to(device)
    encoder: Any = model[0]
    asked = Asked(loss)
    order = Order(
        written.rows,
        [len(text) for text in texts],
        settings.batch,
        settings.seed,
        hard=settings.rounds,
        sureness=asked,
        further=range(len(written.samples), len(texts)),
        beside=settings.general_batch,
    )

    class Report(TrainerCallback):
        def on_step_end(self, args: object, state: Any, control: object, **kwargs: object) -> None:  # noqa: ANN401
            progress("训练语义模型", state.global_step / max(state.max_steps, 1))

        def on_save(self, args: object, state: Any, control: object, **kwargs: object) -> None:  # noqa: ANN401
            keep_state(work / f"checkpoint-{state.global_step}", loss, asked)

    class Trainer(SentenceTransformerTrainer):
        def get_batch_sampler(self, *_args: object, **_kwargs: object) -> Any:  # noqa: ANN401 - the trainer wants a torch type
            return order

        def _save_checkpoint(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
            try:
                super()._save_checkpoint(*args, **options)
            except RuntimeError as error:  # how torch says that the disk does not take it
                raise OSError(str(error)) from error

        def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:  # noqa: ANN401, ARG002
            """Without the library's detour, which opens the folder with a pooling layer that the encoder lacks."""
            encoder.auto_model.load_state_dict(load_file(Path(resume_from_checkpoint) / "model.safetensors"))

    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(work),
        num_train_epochs=1,
        per_device_train_batch_size=settings.batch,
        learning_rate=settings.encoder_rate,
        learning_rate_mapping={"prototypes": settings.prototype_rate},
        warmup_steps=int(settings.warmup * len(order)),
        lr_scheduler_type="linear",
        bf16=fast_in_bfloat16(device),
        use_cpu=device == "cpu",
        seed=settings.seed,
        save_steps=SAVE_STEPS,
        save_total_limit=2,
        report_to="none",
        disable_tqdm=True,
    )
    numbers = [*written.numbers, *range(count, count + len(further))]
    dataset = Dataset.from_dict({"text": texts, "label": numbers})
    trainer = Trainer(model=model, args=arguments, train_dataset=dataset, loss=loss, callbacks=[Report()])
    trainer.remove_callback(PrinterCallback)
    begun = take_up(work, loss, asked)
    trainer.train(resume_from_checkpoint=str(begun) if begun else None)


def _keep_layers(model: SentenceTransformer, layers: Sequence[int]) -> None:
    """Leave the encoder only some of its layers; all of them when none are named."""
    from torch.nn import ModuleList

    transformer: Any = model[0]
    encoder = transformer.auto_model.encoder
    if layers:
        encoder.layer = ModuleList(encoder.layer[number] for number in layers)
        transformer.auto_model.config.num_hidden_layers = len(layers)
