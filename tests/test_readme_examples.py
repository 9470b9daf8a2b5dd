"""The README's examples for programs, run as they stand there against a server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

_ROOT = Path(__file__).parents[1]
_README = (_ROOT / "README.md").read_text(encoding="utf-8")
_ADDRESS = "http://127.0.0.1:7860"
_CURLS = re.findall(r"^curl .*$", _README, re.MULTILINE)
_PROGRAMS = re.findall(r"^```python\n(.*?)^```", _README, re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def address(shipped_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = tmp_path_factory.mktemp("readme") / "store"
    shutil.copytree(shipped_store, store)
    command = [sys.executable, str(_ROOT / "app.py"), "--port", "0", "--store", str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        try:
            lines = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stdout)
            found = next(line.group() for line in lines if line)
            _wait(found)
            yield found
        finally:
            process.terminate()


def _wait(address: str) -> None:
    """Wait for the first answer: the socket listens before the app serves."""
    for _ in range(240):
        try:
            with urlopen(f"{address}/api/version", timeout=30):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail("the server did not start")


def _run(*command: str) -> str:
    proxyless = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=proxyless, timeout=300)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_examples_of_each_kind() -> None:
    assert len(_CURLS) >= 3 and len(_PROGRAMS) == 2
    assert all(_ADDRESS in example for example in (*_CURLS, *_PROGRAMS))


@pytest.mark.parametrize("command", _CURLS)
def test_the_curl_examples_answer(address: str, command: str) -> None:
    shell = shutil.which("sh")
    assert shell is not None and shutil.which("curl")
    reply = json.loads(_run(shell, "-c", command.replace(_ADDRESS, address)))
    assert "error" not in reply and reply


def test_the_gradio_client_and_the_agent_get_answers(address: str) -> None:
    for program in _PROGRAMS:
        said = _run(sys.executable, "-c", program.replace(_ADDRESS, address))
        assert re.search(r"[\u4e00-\u9fff]{4,}", said)
