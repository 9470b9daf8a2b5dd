"""Where an interrupted training goes on: the trainer's checkpoints, and beside each what the trainer does not know of."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

if TYPE_CHECKING:
    from kb.adapt.loss import PrototypeLoss

_STATE = "state.safetensors"
_log = logging.getLogger(__name__)


@dataclass
class Asked:
    """How sure the encoder was when it was asked, kept, so that a training that goes on has the order that it had.

    Attributes:
        loss: knows how sure the encoder is now.
        told: (texts,) for each pass that has begun.
    """

    loss: PrototypeLoss
    told: list[NDArray[np.float32]] = field(default_factory=list)

    def __call__(self, number: int) -> NDArray[np.float32]:
        """Tell of the pass of that number, from 0; passes begin one after the other."""
        if number == len(self.told):
            self.told.append(self.loss.sure.cpu().numpy().copy())
        return self.told[number]


def keep_state(checkpoint: Path, loss: PrototypeLoss, asked: Asked) -> None:
    """Complete a checkpoint of the trainer with prototypes, sureness, and what was asked of it; one without is not used."""
    sure = loss.sure.cpu().numpy()
    told = np.stack(asked.told) if asked.told else np.zeros((0, len(sure)), dtype=np.float32)
    part = checkpoint / f"{_STATE}.part"
    save_file({"prototypes": loss.prototypes.detach().cpu().numpy(), "sure": sure, "told": told}, part)
    part.replace(checkpoint / _STATE)


def take_up(work: Path, loss: PrototypeLoss, asked: Asked) -> Path | None:
    """Put back the state of the newest whole checkpoint and return its folder; None to begin afresh.

    Checkpoints that were cut short are removed, so that the trainer does not trip over them.

    Raises:
        OSError: a state is there but cannot be read.
    """
    import torch

    for checkpoint in sorted(work.glob("checkpoint-*"), key=_step, reverse=True):
        try:
            state = load_file(checkpoint / _STATE)
        except (FileNotFoundError, SafetensorError) as error:
            _log.warning("%s is not whole, it is left out: %s", checkpoint.name, error)
            shutil.rmtree(checkpoint)
            continue
        with torch.no_grad():
            loss.prototypes.copy_(torch.from_numpy(state["prototypes"]))
            loss.sure.copy_(torch.from_numpy(state["sure"]))
        asked.told[:] = list(state["told"])
        return checkpoint
    return None


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1
