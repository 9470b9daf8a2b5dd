"""Reading the test set: JSON Lines of answerable questions, unanswerable questions and dialogues."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from kb.errors import CorpusError

ANSWERABLE_EXPECTS = ("answer", "clarify")
UNANSWERABLE_EXPECTS = ("refuse", "handoff", "smalltalk", "privacy", "crisis")
TURN_EXPECTS = (*ANSWERABLE_EXPECTS, "suggest", *UNANSWERABLE_EXPECTS)


@dataclass(frozen=True, slots=True)
class Gold:
    """What a right entry is: it cites one of ``facts``, or is one of ``entries`` (a section of one counts)."""

    facts: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.facts or self.entries)

    def matches(self, entry: str, facts: Iterable[str]) -> bool:
        """Tell whether an entry with the facts it cites is right; gold ``art-x`` matches ``art-x#n``."""
        return entry in self.entries or entry.partition("#")[0] in self.entries or not self.facts.isdisjoint(facts)


@dataclass(frozen=True, slots=True)
class Answerable:
    """A question that the knowledge base answers; ``intent`` and ``style`` are "" where the file does not say."""

    id: str
    question: str
    gold: Gold
    intent: str = ""
    style: str = ""
    expect: str = "answer"


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """A question that must not be answered as knowledge, and the decision it calls for."""

    id: str
    question: str
    kind: str = ""
    expect: str = "refuse"


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing a user says in a dialogue; ``expect`` "" with empty gold: anything but an answer."""

    user: str
    gold: Gold
    expect: str = ""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Turns of one conversation, in order; at least one."""

    id: str
    turns: tuple[Turn, ...]


def read_answerable(*paths: Path) -> tuple[Answerable, ...]:
    """Read answerable questions, in order of the files.

    Raises:
        CorpusError: a file is missing or unreadable, or a line is not of the format; named as file:line.

    """
    return _read(paths, _answerable)


def read_unanswerable(*paths: Path) -> tuple[Unanswerable, ...]:
    """Read unanswerable questions; raises as :func:`read_answerable` does."""
    return _read(paths, _unanswerable)


def read_dialogues(*paths: Path) -> tuple[Dialogue, ...]:
    """Read dialogues; raises as :func:`read_answerable` does."""
    return _read(paths, _dialogue)


def corpus_files(corpus: Path, part: str) -> tuple[Path, ...]:
    """List the corpus' own files of a part: ``answerable``, ``unanswerable`` or ``dialogues``, each in one or more."""
    return tuple(sorted((corpus / "questions").glob(f"{part}*.jsonl")))


def questions_digest(paths: Iterable[Path]) -> str:
    """SHA-256 over the files' contents in order: which test set a run was measured on."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


Row = Mapping[str, object]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Record = TypeVar("Record", bound=_HasId)


def _read(paths: Iterable[Path], make: Callable[[Row, str], Record]) -> tuple[Record, ...]:
    found: dict[str, Record] = {}
    for path in paths:
        for row, where in _rows(path):
            record = make(row, where)
            if record.id in found:
                raise _fault(where, f"编号「{record.id}」用了两次")
            found[record.id] = record
    return tuple(found.values())


def _rows(path: Path) -> Iterator[tuple[Row, str]]:
    for number, line in enumerate(_content(path).split("\n"), 1):
        where = f"{path.name}:{number}"
        if line.strip():
            yield _row(line, where), where


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise CorpusError(f"no file {path}", user_message=f"没有找到题目文件 {path}，请检查路径。") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _fault(f"{path.name}:{line}", "不是 UTF-8 文本") from error
    except OSError as error:
        raise CorpusError(f"{path}: {error}", user_message=f"读不了题目文件 {path}：{error.strerror}。") from error


def _row(line: str, where: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _fault(where, f"不是合法的 JSON（{error}）") from error
    return _mapping(row, where)


def _answerable(row: Row, where: str) -> Answerable:
    return Answerable(
        id=_required(row, "id", where),
        question=_said(row, "question", where),
        gold=_gold(row, where),
        intent=_text(row, "intent", where),
        style=_text(row, "style", where),
        expect=_choice(row, ANSWERABLE_EXPECTS, where) or "answer",
    )


def _unanswerable(row: Row, where: str) -> Unanswerable:
    return Unanswerable(
        id=_required(row, "id", where),
        question=_said(row, "question", where),
        kind=_text(row, "kind", where),
        expect=_choice(row, UNANSWERABLE_EXPECTS, where) or "refuse",
    )


def _dialogue(row: Row, where: str) -> Dialogue:
    turns = row.get("turns")
    if not isinstance(turns, list) or not turns:
        raise _fault(where, "turns 应为至少一轮的列表")
    return Dialogue(_required(row, "id", where), tuple(_turn(turn, where) for turn in turns))


def _turn(data: object, where: str) -> Turn:
    row = _mapping(data, where)
    if not any(key in row for key in ("facts", "entries", "expect")):
        raise _fault(where, "这一轮既没有 facts 或 entries，也没有 expect，无法判对错")
    return Turn(_said(row, "user", where), _gold(row, where), _choice(row, TURN_EXPECTS, where))


def _gold(row: Row, where: str) -> Gold:
    return Gold(_ids(row, "facts", where), _ids(row, "entries", where))


def _mapping(data: object, where: str) -> Row:
    if not isinstance(data, Mapping):
        raise _fault(where, "应为键值对，即 {…}")
    return data


def _required(row: Row, key: str, where: str) -> str:
    value = _text(row, key, where)
    if not value.strip():
        raise _fault(where, f"缺少 {key}")
    return value


def _said(row: Row, key: str, where: str) -> str:
    """Take what a person typed: the key must be there, but a person may type nothing."""
    if not isinstance(row.get(key), str):
        raise _fault(where, f"缺少 {key}，或它不是文字")
    return _text(row, key, where)


def _text(row: Row, key: str, where: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _fault(where, f"{key} 应为文字")
    return value


def _ids(row: Row, key: str, where: str) -> frozenset[str]:
    values = row.get(key)
    if values is None:
        return frozenset()
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise _fault(where, f'{key} 应为编号的列表，如 ["F010"]')
    return frozenset(values)


def _choice(row: Row, allowed: Collection[str], where: str) -> str:
    value = _text(row, "expect", where)
    if value and value not in allowed:
        raise _fault(where, f"expect「{value}」不认识，应为 {'、'.join(allowed)} 之一")
    return value


def _fault(where: str, reason: str) -> CorpusError:
    return CorpusError(f"{where}: {reason}", user_message=f"{where}：{reason}。请改正后重试。")
