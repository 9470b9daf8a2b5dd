"""A small corpus with a store and weights, the changes that can be made to it, and what state it is in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from fakes import FakeEmbedder, entries, write_corpus
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.editing.desk import lay_out
from kb.adapt import run as adapting
from kb.corpus import load_corpus
from kb.errors import KbError
from kb.exchange.importing import import_file
from kb.store import Store
from kb.workspace import DELTA, Workspace

ASKED = ("抖音月付怎么开通", "月付怎么关掉", "提前还清", "新功能怎么用", "你好")
_TABLE = [
    {"id": "open", "question": "抖音月付怎么开通", "alternates": ["开通入口在哪"], "answer": "改过的答案。"},
    {"id": "early", "question": "抖音月付可以提前还款吗", "alternates": ["能早点还吗"], "answer": "也改过。"},
    {"id": "new", "question": "新功能怎么用", "answer": "这样用。"},
]


@dataclass(frozen=True, slots=True)
class State:
    """What somebody who opens the world now gets: the entries, the weights, and what the serving index says."""

    knowledge: str
    weights: bytes
    serving: str


def make(folder: Path) -> None:
    """Make the world: an older and a current version, adapted weights, a table to be imported."""
    corpus = write_corpus(folder / "corpus")
    (corpus / DELTA).parent.mkdir()
    (corpus / DELTA).write_bytes(b"old weights" * 1000)
    (corpus / "questions").mkdir()
    asked = {"id": "a1", "question": "月付怎么开通", "entries": ["open"]}
    (corpus / "questions" / "answerable.jsonl").write_text(json.dumps(asked) + "\n", encoding="utf-8")
    (folder / "table.yaml").write_text(yaml.safe_dump(_TABLE, allow_unicode=True), encoding="utf-8")
    space(folder).build()
    change(folder)
    space(folder).build()


def change(folder: Path) -> None:
    """Edit the corpus by hand, so that there is something to build."""
    rows = entries()
    rows[1]["answer"] = f"第 {len(Store(folder / 'store').versions())} 稿。"
    (folder / "corpus/faq/a.yaml").write_text(yaml.safe_dump(rows[:5], allow_unicode=True), encoding="utf-8")


def space(folder: Path) -> Workspace:
    """A workspace whose model costs nothing."""
    opened = Workspace(folder / "corpus", folder / "store")
    opened._embedder = FakeEmbedder()
    return opened


def look(folder: Path) -> State:
    """Open everything as a new service would; raises what a person would be told."""
    with suppress(KbError):  # as the service does, which says so and goes on
        lay_out(space(folder)).publisher.recover()
    corpus = load_corpus(folder / "corpus")
    opened = space(folder).open()
    said = [
        [(hit.entry, round(hit.probability, 4)) for hit in found.hits] for found in opened.searcher.search_many(ASKED)
    ]
    answers = {entry.id: entry.answer.text() for entry in opened.knowledge.entries}
    return State(
        knowledge=json.dumps([str(entry) for entry in corpus.entries], ensure_ascii=False),
        weights=(folder / "corpus" / DELTA).read_bytes(),
        serving=json.dumps([opened.version.manifest["corpus"], answers, said], ensure_ascii=False),
    )


def debris(folder: Path) -> list[str]:
    """Names of what a change that was cut short may leave; none of it may outlive the next one."""
    patterns = ("store/versions/.new-*", "store/.CURRENT.*", "corpus/.import/*.tmp", "corpus/.import/journal.json")
    return sorted(path.name for pattern in patterns for path in folder.glob(pattern))


def copy(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target, symlinks=True))


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


class Refused(KbError):
    """A command left with its one Chinese sentence."""


def _cli(*arguments: str) -> None:
    real = Workspace.embedder
    Workspace.embedder = lambda self: FakeEmbedder()  # type: ignore[method-assign]
    try:
        done = CliRunner().invoke(app, arguments)
    finally:
        Workspace.embedder = real  # type: ignore[method-assign]
    if done.exit_code and isinstance(done.exception, SystemExit) and "出错了" in done.stderr:
        raise Refused("refused", user_message=done.stderr)
    if done.exit_code:
        raise RuntimeError(f"{done.exception!r} {done.output}") from done.exception


def _build(folder: Path) -> None:
    space(folder).build()


def _import(folder: Path) -> None:
    import_file(folder / "table.yaml", folder / "corpus")


def _publish(folder: Path) -> None:
    _cli("publish", "--yes", f"--corpus={folder / 'corpus'}", f"--store={folder / 'store'}")


def _rollback(folder: Path) -> None:
    _cli("rollback", f"--corpus={folder / 'corpus'}", f"--store={folder / 'store'}")


def _adapt(folder: Path) -> None:
    """The real adaptation around a training that takes no time; runs in a process of its own, so nothing is put back."""

    def written(base: Path, tuned: Path, out: Path, **_: object) -> None:
        out.write_bytes(b"new weights" * 1000)

    adapting._FEWEST_FORMS = 1
    adapting.prepare = lambda root, **_: folder  # type: ignore[assignment]
    adapting.OnnxEmbedder = lambda *_, **__: FakeEmbedder()  # type: ignore[assignment,misc]
    adapting.train = lambda *_, **__: folder  # type: ignore[assignment]
    adapting.write_delta = written
    found = adapting._report
    adapting._report = lambda *args: replace(found(*args), kept=True)
    corpus = load_corpus(folder / "corpus")
    adapting.adapt(corpus, folder / "corpus" / DELTA, folder / "store/adapt", progress=lambda *_: None)


# What can be cut short, and what must be done before there is something to do.
ACTIONS: Mapping[str, Callable[[Path], None]] = {
    "build": _build,
    "import": _import,
    "publish": _publish,
    "rollback": _rollback,
    "adapt": _adapt,
}
NEEDS_CHANGE = frozenset({"build", "publish"})
