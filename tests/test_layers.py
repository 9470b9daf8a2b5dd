"""Data flows one way, and each engine stands behind few modules."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("kb/**/*.py"), *ROOT.glob("assistant/**/*.py"), ROOT / "app.py"])

_TRAINING = {"kb/adapt/encoding.py", "kb/adapt/loss.py", "kb/adapt/train.py"}
# engine → the modules or folders that may import it
ENGINES: dict[str, set[str]] = {
    "faiss": {"kb/engine.py", "kb/scan.py"},
    "pymilvus": {"kb/milvus/client.py"},
    "jieba": {"kb/dictionary.py"},
    "marisa_trie": {"kb/dictionary.py"},
    "pypinyin": {"kb/tokens.py"},
    "opencc": {"kb/text.py"},
    "gradio": {"assistant/web/"},
    "fastapi": {"assistant/web/"},
    "starlette": {"assistant/web/"},
    "uvicorn": {"assistant/web/"},
    "mcp": {"assistant/web/mcp_server.py"},
    "sqlalchemy": {"assistant/history/"},
    "sqlite3": {"assistant/accounts/", "assistant/editing/"},
    "jinja2": {"assistant/renderer.py", "assistant/template_check.py", "assistant/evaluation/report_html.py"},
    "sentence_transformers": {"kb/embedding/torch_encoder.py", *_TRAINING},
    "torch": {"kb/embedding/torch_encoder.py", "kb/adapt/checkpoints.py", *_TRAINING},
    "transformers": {"kb/embedding/torch_encoder.py", "kb/adapt/encoding.py", "kb/adapt/train.py"},
    "onnxruntime": {"kb/embedding/onnx_encoder.py", "kb/embedding/calibration.py"},
    "onnx": {"kb/embedding/graph.py", "kb/embedding/conversion.py"},
    "cn2an": {"assistant/calculation/numerals.py"},
    "docx": {"kb/readers/word.py"},
    "pypdf": {"kb/readers/pdf.py"},
    "trafilatura": {"kb/readers/web.py"},
    "charset_normalizer": {"kb/readers/encoding.py"},
    "matplotlib": {"assistant/evaluation/"},
    "typer": {"assistant/cli/"},
}


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported by name, wherever the statement stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"importlib.import_module", "__import__"}:
            yield ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else "?"


def needed(path: str, modules: Collection[str]) -> set[str]:
    """Those of our modules that a module imports; ``from a import b`` means ``a.b`` where that is a module."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{name.name}": str(node.module) for name in node.names}
            names |= {whole if whole in modules else outer for whole, outer in inner.items()}
    return names & {*modules}


IMPORTS = {path.relative_to(ROOT).as_posix(): set(imports(ast.parse(path.read_text("utf-8")))) for path in SOURCES}


def importers(package: str) -> set[str]:
    return {path for path, names in IMPORTS.items() if any(f"{name}.".startswith(f"{package}.") for name in names)}


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_the_walk_sees_every_form_of_import() -> None:
    source = """
import a.b, c
from d.e import f
from . import g
if TYPE_CHECKING:
    import h
def late():
    from i import j
    return importlib.import_module("k.l"), __import__(name)
"""
    assert set(imports(ast.parse(source))) == {"a.b", "c", "d.e", ".", "h", "i", "k.l", "?"}
    assert len(SOURCES) > 80


def test_kb_does_not_know_the_assistant() -> None:
    assert {path for path in importers("assistant") if path.startswith("kb/")} == set()


def test_nothing_imports_the_app() -> None:
    assert importers("app") == set()


def test_sources_do_not_import_tests_or_benchmarks() -> None:
    assert importers("tests") | importers("benchmarks") | importers("fakes") | importers("pytest") == set()


def test_imports_are_absolute_and_by_name() -> None:
    assert {
        path for path, names in IMPORTS.items() if any(name.startswith(".") or name == "?" for name in names)
    } == set()


def test_no_module_needs_itself() -> None:
    modules = {module_of(path): path for path in IMPORTS}

    TopologicalSorter({name: needed(path, modules) for name, path in modules.items()}).prepare()  # else a CycleError


def test_only_the_web_knows_the_web() -> None:
    allowed = ("assistant/web/", "assistant/cli/", "app.py")

    assert {path for path in importers("assistant.web") if not path.startswith(allowed)} == set()


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_each_engine_has_its_place(engine: str) -> None:
    found = importers(engine)

    assert {path for path in found if not path.startswith(tuple(ENGINES[engine]))} == set()
    # a place that no longer needs the engine loses its leave
    assert {place for place in ENGINES[engine] if not any(path.startswith(place) for path in found)} == set()


def test_no_pickle() -> None:
    assert importers("pickle") | importers("joblib") | importers("shelve") | importers("dill") == set()
