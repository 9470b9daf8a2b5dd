"""The weights that serve: put in their place with their log, and put back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from kb.errors import ModelError, UsageError

_LOG = "training.json"
_KEPT = 5


def install(fresh: Path, target: Path, stage: Mapping[str, object], *, onward: bool) -> None:
    """Copy the old weights aside, then put the new ones in their place; there are whole weights at every moment.

    Args:
        fresh: the delta file of the new weights.
        target: where the delta that serves lies, with its log beside it.
        stage: what the log says of the run.
        onward: the run went on from the weights in ``target``, so that their stages belong to the log.

    Raises:
        ModelError: the disk does not take them.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        log = target.parent / _LOG
        if target.exists():
            aside = target.with_name(f"{target.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S}{target.suffix}")
            if log.exists():
                _copy(log, _log_of(aside))
            _copy(target, aside)
        done = {"finished": datetime.now(UTC).isoformat(timespec="seconds"), **stage}
        told = {"stages": [*(_stages(log) if onward else ()), done]}
        part = target.parent / f"{_LOG}.part"
        part.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        _copy(fresh, target)
        part.replace(log)
    except OSError as error:
        raise ModelError(
            f"cannot install weights: {error}", user_message=f"写不了 {target}：{error.strerror}。原来的模型不受影响。"
        ) from error
    for old in sorted(target.parent.glob(f"{target.stem}-*{target.suffix}"))[:-_KEPT]:
        _log_of(old).unlink(missing_ok=True)
        old.unlink()


def _stages(path: Path) -> list[object]:
    """What the log says of the runs that the present weights came from; nothing where it cannot be read."""
    try:
        stages = json.loads(path.read_text(encoding="utf-8"))["stages"]
        return stages if isinstance(stages, list) else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    part.replace(target)


def roll_back(target: Path) -> Path:
    """Put back the weights that served before the last adaptation.

    Raises:
        UsageError: there are none.
        ModelError: the disk does not take them.
    """
    older = sorted(target.parent.glob(f"{target.stem}-*{target.suffix}"))
    if not older:
        raise UsageError("no older weights", user_message="没有更早的微调权重可以回退。")
    log = _log_of(older[-1])
    try:
        older[-1].replace(target)
        if log.exists():
            log.replace(target.parent / _LOG)
        else:
            (target.parent / _LOG).unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(
            f"cannot put weights back: {error}", user_message=f"换不回 {target}：{error.strerror}。"
        ) from error
    return target


def _log_of(weights: Path) -> Path:
    """Where the log of weights that were put aside lies."""
    return weights.with_suffix(".json")
