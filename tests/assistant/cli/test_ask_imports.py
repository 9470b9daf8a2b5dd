"""A question from the command line does not wait for what only building, tables, pages or training need."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "torch", "transformers", "sentence_transformers", "datasets", "sklearn", "pandas", "matplotlib",
    "gradio", "fastapi", "uvicorn", "mcp", "sqlalchemy", "openpyxl", "docx", "pypdf", "trafilatura", "onnx",
    "scipy.special", "scipy.optimize",
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    program = "import json, sys, assistant.cli.main; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)  # noqa: S603 - ours
    return set(json.loads(done.stdout))


def test_nothing_heavy_is_imported(loaded: set[str]) -> None:
    assert loaded & HEAVY == set()


def test_what_answers_is(loaded: set[str]) -> None:
    assert {"onnxruntime", "faiss", "jieba", "assistant.reply"} <= loaded
