"""Generated questions and documents through the real pipeline: no exception, no hang, no growth of memory.

A hang is more than two seconds of processor time, so that a busy machine is not taken for one.
"""

from __future__ import annotations

import gc
import json
import logging
import random
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from fakes import write_corpus

from assistant.dialogue.state_codec import decode_state, encode_state
from assistant.records import State
from assistant.reply import Assistant
from kb.corpus import load_corpus
from kb.errors import KbError
from kb.exchange.importing import MODES, import_file
from kb.units import Role
from stress import world
from stress.documents import documents, good
from stress.questions import questions
from stress.records import Result, say

HANG_SECONDS = 2.0
# Caches fill up in the first part of a run; what is taken after that is a leak.
_WARM = 0.3
_MOST_GROWTH_MB = 48.0
_MOST_FAULTS = 50


class Watch:
    """Times each try in processor seconds, its own and that of the processes it started, and follows the memory."""

    def __init__(self, tries: int) -> None:
        self.faults: list[str] = []
        self.slowest = 0.0
        self._tries = tries
        self._done = 0
        self._warm = 0.0

    @contextmanager
    def of(self, what: str, allowed: float = 0.0) -> Iterator[None]:
        """Note what goes wrong in one try; ``allowed`` are seconds that a good one takes."""
        before = _cpu()
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever escapes is the finding
            self.note(f"{type(error).__name__}: {error}：{what}")
        took = _cpu() - before - allowed
        self.slowest = max(self.slowest, took)
        if took > HANG_SECONDS:
            self.note(f"用了 {took:.1f} 秒：{what}")
        self._done += 1
        if self._done % 1_000 == 0:
            say(f"{self._done}/{self._tries}，{len(self.faults)} 个问题")
        if self._done == int(self._tries * _WARM):
            self._warm = memory_mb()

    def note(self, fault: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(fault)
            say(fault)

    def result(self, name: str, seconds: float) -> Result:
        """Close the books; growth is judged only where there was time to grow."""
        growth = memory_mb() - self._warm if self._warm else 0.0
        if self._tries >= 1_000 and growth > _MOST_GROWTH_MB:
            self.note(f"内存涨了 {growth:.0f} MB")
        figures = {"最慢处理器秒": round(self.slowest, 2), "内存增长MB": round(growth, 1), "秒": round(seconds)}
        return Result(name, self._tries, tuple(self.faults), figures)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def memory_mb() -> float:
    """Resident memory of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / 2**20


def fuzz_questions(assistant: Assistant, count: int, *, seed: int) -> Result:
    """Ask questions, some of them in conversations."""
    draw = random.Random(seed)  # noqa: S311 - seeded, no secret
    index = assistant.searcher.index
    forms = [row.text for row in index.rows if row.role is Role.FORM]
    watch, state, began = Watch(count), None, time.monotonic()
    with _template_faults(watch):
        for question in islice(questions(forms, draw), count):
            with watch.of(ascii(question[:200])):
                state = _ask(assistant, state if draw.random() < 0.6 else None, question)
    return watch.result("问题", time.monotonic() - began)


def _ask(assistant: Assistant, state: State | None, question: str) -> State:
    """One turn as the service takes it: the state goes through its codec, the answer becomes JSON and UTF-8."""
    after, answer = assistant.reply(state, question, now=1.0)
    json.dumps(answer.to_json(), ensure_ascii=False).encode("utf-8", "surrogatepass")
    if not answer.text.strip() or not 0 <= answer.confidence <= 1:
        raise ValueError(f"no answer: {answer}")
    if decode_state(encode_state(after), now=1.0) != after:
        raise ValueError(f"the state does not survive: {after}")
    return after


@contextmanager
def _template_faults(watch: Watch) -> Iterator[None]:
    """A template that fails sends plain text and logs it; here that is a finding."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            watch.note(record.getMessage())

    handler, logger = Handler(logging.ERROR), logging.getLogger("assistant")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def fuzz_documents(folder: Path, count: int, *, seed: int) -> Result:
    """Import documents in every mode; the corpus must load after each."""
    draw = random.Random(seed)  # noqa: S311 - seeded, no secret
    clean = write_corpus(folder / "clean")
    usual = {kind: _usual(folder, clean, kind, data) for kind, data in good().items()}
    watch, taken, began = Watch(count), 0, time.monotonic()
    corpus = folder / "corpus"
    for number, (kind, data) in enumerate(islice(documents(draw), count)):
        if number % 20 == 0:
            _fresh(clean, corpus)
        path = folder / f"doc.{kind}"
        path.write_bytes(data)
        mode = draw.choice(MODES)
        with watch.of(f"种子 {seed}，第 {number} 份，{kind} {mode}", 2 * usual[kind]):  # what is taken comes twice
            taken += _import(path, corpus, mode)
        if any(fault.endswith(f"第 {number} 份，{kind} {mode}") for fault in watch.faults):
            (folder / f"kept-{number}.{kind}").write_bytes(data)
            _fresh(clean, corpus)
    result = watch.result("文档", time.monotonic() - began)
    return Result(result.name, count, result.faults, {"收下": taken, **result.figures})


def _fresh(clean: Path, corpus: Path) -> None:
    if corpus.exists():
        world.remove(corpus)
    world.copy(clean, corpus)


def _usual(folder: Path, clean: Path, kind: str, data: bytes) -> float:
    """Processor seconds of a good document, most of them a parser's start in a process of its own."""
    _fresh(clean, folder / "corpus")
    path = folder / f"good.{kind}"
    path.write_bytes(data)
    before = _cpu()
    import_file(path, folder / "corpus")
    return _cpu() - before


def _import(path: Path, corpus: Path, mode: str) -> bool:
    """Whether a document was taken; a refusal must be in Chinese, and either way the corpus must load and take it again."""
    try:
        import_file(path, corpus, mode)
    except KbError as error:
        if not any("\u4e00" <= char <= "\u9fff" for char in error.user_message):
            raise ValueError(f"no Chinese sentence: {error.user_message}") from error
        load_corpus(corpus)
        return False
    load_corpus(corpus)
    again = import_file(path, corpus, "append")
    if again.added:
        raise ValueError(f"a second time added {again.added}")
    return True
