"""The peers' own environment: made once under ``build/``, never the project's."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = ROOT / "build" / "peers" / "venv"
_REQUIREMENTS, _CONSTRAINTS = HERE / "requirements.txt", HERE / "constraints.txt"


def environment(say: Callable[[str], None], folder: Path = FOLDER) -> Path:
    """Return the environment's Python, making the environment where it is missing or pinned otherwise.

    Raises:
        subprocess.CalledProcessError: something cannot be installed.
    """
    python = folder / "bin" / "python"
    mark, wanted = folder / ".installed", _digest()
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return python
    say("为 txtai、Haystack、LlamaIndex 建一个单独的环境（约 2 GB）")
    _run(sys.executable, "-m", "venv", "--clear", str(folder))
    # Alone and first: a plain resolve could take a build of torch with gigabytes of CUDA.
    _install(python, next(line for line in _lines(_CONSTRAINTS) if line.startswith("torch==")))
    _install(python, "-c", str(_CONSTRAINTS), "-r", str(_REQUIREMENTS))
    mark.write_text(wanted, encoding="utf-8")
    return python


def child_environment(threads: int) -> dict[str, str]:
    """Variables of a measured process: the same threads for everybody, no network, no telemetry."""
    count = str(threads)
    return {
        **os.environ,
        **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), count),
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HAYSTACK_TELEMETRY_ENABLED": "False",
        "DO_NOT_TRACK": "1",
    }


def pinned(*packages: str) -> dict[str, str]:
    """Versions of packages in the peers' environment."""
    versions = dict(line.split("==") for line in _lines(_CONSTRAINTS) if "==" in line)
    return {package: versions[package] for package in packages}


def _digest() -> str:
    content = sys.version.encode() + _REQUIREMENTS.read_bytes() + _CONSTRAINTS.read_bytes()
    return hashlib.sha256(content).hexdigest()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _install(python: Path, *arguments: str) -> None:
    _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 - our own command
