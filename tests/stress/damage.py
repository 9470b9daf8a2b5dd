"""Damaged files, a full or read-only disk, wrong permissions: a clear word each time, and no way back that needs hands.

Every scenario takes a world of its own and a seeded generator, spoils something, and yields what was not as it should be.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kb.corpus import corpus_digest, load_corpus
from kb.errors import KbError
from kb.exchange.importing import import_file
from stress import world
from stress.apart import Escaped, apart, open_to_all

Draw = random.Random
Scenario = Callable[[Path, Draw], Iterator[str]]


def spoil(path: Path, how: str, draw: Draw) -> None:
    """Flip a bit of a file, cut it off, empty it or delete it."""
    if how == "deleted":
        path.unlink()
        return
    data = bytearray(path.read_bytes())
    if how == "flipped" and data:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    path.write_bytes(
        data[: draw.randrange(len(data))] if how == "cut off" and data else data if how == "flipped" else b""
    )


def damaged_index(folder: Path, draw: Draw) -> Iterator[str]:
    """One file of the serving version, or the pointer to it: never opened as if whole, and mended by the next question."""
    before = world.look(folder)
    opened = world.space(folder).open()
    target = draw.choice([*sorted(opened.version.folder.iterdir()), folder / "store/CURRENT"])
    how = draw.choice(["flipped", "cut off", "emptied", "deleted"])
    spoil(target, how, draw)
    about = f"{target.name} {how}"
    if opened.searcher.search(world.ASKED[0]).hits[0].entry != "open":
        yield f"{about}：正在服务的版本受了影响"
    yield from _told(about, lambda: world.space(folder).open(), unless=before, folder=folder)
    world.space(folder).open_fresh()
    if _best(world.look(folder)) != _best(before):
        yield f"{about}：没有自己恢复"


def _best(state: world.State) -> object:
    """Answers and first hits; a fit made from nothing differs a little from one that was taken over."""
    _, answers, said = json.loads(state.serving)
    return answers, [hits[0][0] for hits in said]


def _told(about: str, act: Callable[[], object], *, unless: world.State, folder: Path) -> Iterator[str]:
    """An error of ours with a Chinese sentence, or nothing was lost at all."""
    try:
        act()
    except KbError as error:
        if not _is_chinese(error.user_message):
            yield f"{about}：没有说清楚：{error.user_message}"
    except Exception as error:  # noqa: BLE001 - whatever escapes is the finding
        yield f"{about}：{type(error).__name__}: {error}"
    else:
        if world.look(folder).serving != unless.serving:
            yield f"{about}：打开了损坏的索引"


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def full_disk(folder: Path, draw: Draw) -> Iterator[str]:
    """Every change on a disk that takes no more: refused in plain words, everything as before; then there is room again."""
    action = draw.choice(sorted(world.ACTIONS))
    if action in world.NEEDS_CHANGE:
        world.change(folder)
    largest = draw.choice([1, 64, 1_000, 4_096, 20_000, 60_000])
    about = f"{action}，每个文件最多 {largest} 字节"
    before = world.look(folder)
    yield from refused(about, folder, before, lambda: apart(world.ACTIONS[action], folder, largest=largest))
    apart(world.ACTIONS["build"], folder)
    if left := world.debris(folder):
        yield f"{about}：留下了残余 {left}"


def refused(about: str, folder: Path, before: world.State, act: Callable[[], object]) -> Iterator[str]:
    """Refused with everything as it was, or done as a whole."""
    try:
        act()
    except KbError as error:
        if not _is_chinese(error.user_message):
            yield f"{about}：没有说清楚：{error.user_message}"
        if world.look(folder) != before:
            yield f"{about}：被拒绝了，却改了东西"
    except Escaped as error:
        yield f"{about}：{error}"


def read_only_disk(folder: Path, draw: Draw) -> Iterator[str]:
    """An account that may only read: it gets answers, and is told why nothing can be changed."""
    if os.geteuid():
        return
    open_to_all(folder)
    before = apart(world.look, folder, nobody=True)
    for action in world.ACTIONS:
        yield from refused(
            action, folder, before, lambda action=action: apart(world.ACTIONS[action], folder, nobody=True)
        )
    if apart(world.look, folder, nobody=True) != before:
        yield "只读的账户读到了别的东西"


# What a command reads, with the part of the world that it stands for.
_READS: Mapping[str, tuple[str, ...]] = {
    "corpus": ("corpus/faq/a.yaml", "corpus/faq/b.jsonl", "corpus/articles/open.md", "corpus/lexicon/words.txt",
               "corpus/lexicon/slots.yaml", "corpus/boundaries/all.yaml", "corpus/facts.md", "corpus/faq"),
    "store": ("store/CURRENT", "store/versions"),
    "table": ("table.yaml",),
}  # fmt: skip


def wrong_permissions(folder: Path, draw: Draw) -> Iterator[str]:
    """A file or folder that the account may not read: an error of ours that says so, whoever reads it."""
    if os.geteuid():
        return
    open_to_all(folder)
    part = draw.choice(sorted(_READS))
    inside = sorted((folder / "store/versions").glob("*/*")) if part == "store" else []
    target = draw.choice([*(folder / name for name in _READS[part]), *inside])
    target.chmod(0)
    for name, act in _READERS[part].items():
        try:
            apart(act, folder, nobody=True)
        except KbError as error:
            if not _is_chinese(error.user_message):
                yield f"{target.name} 不可读，{name}：没有说清楚：{error.user_message}"
        except Escaped as error:
            yield f"{target.name} 不可读，{name}：{error}"
    target.chmod(0o755 if target.is_dir() else 0o644)


def _load(folder: Path) -> int:
    return len(load_corpus(folder / "corpus").entries)


def _stale(folder: Path) -> str:
    return world.space(folder).stale()


def _digest(folder: Path) -> str:
    return corpus_digest(folder / "corpus")


def _lint(folder: Path) -> int:
    from kb.lint import lint

    return len(lint(folder / "corpus"))


def _open(folder: Path) -> str:
    return world.space(folder).open().version.id


def _versions(folder: Path) -> str:
    store = world.space(folder).store
    return " ".join([store.current_id(), *store.versions()])


def _try_import(folder: Path) -> str:
    return import_file(folder / "table.yaml", folder / "corpus", dry_run=True).kind


_READERS: Mapping[str, Mapping[str, Callable[[Path], object]]] = {
    "corpus": {"读取": _load, "检查新旧": _stale, "摘要": _digest, "lint": _lint, "试导入": _try_import},
    "store": {"打开": _open, "检查新旧": _stale, "版本列表": _versions},
    "table": {"试导入": _try_import},
}


def damaged_cache(folder: Path, draw: Draw) -> Iterator[str]:
    """A parsed dictionary of garbage in the cache folder: read past, or made again."""
    cache = folder / "cache"
    words = apart(_words_with, cache)
    (kept,) = [path for path in (cache / "jieba").iterdir() if path.is_file()]
    spoil(kept, draw.choice(["cut off", "emptied", "deleted"]), draw)
    try:
        if apart(_words_with, cache) != words:
            yield "词典缓存损坏后切词变了"
    except (KbError, Escaped) as error:
        yield f"词典缓存损坏后：{error}"


def _words_with(cache: Path) -> list[str]:
    from kb.tokens import Tokenizer

    os.environ["ZHIDA_CACHE"] = str(cache)
    return Tokenizer().words("抖音月付怎么提前还款")


def no_cache(folder: Path, draw: Draw) -> Iterator[str]:
    """A cache folder that cannot be made: words are cut all the same."""
    (folder / "file").write_text("", encoding="utf-8")
    try:
        if apart(_words_with, folder / "file" / "cache") != apart(_words_with, folder / "cache"):
            yield "没有缓存时切词变了"
    except (KbError, Escaped) as error:
        yield f"建不了缓存文件夹：{error}"


SCENARIOS: Mapping[str, Scenario] = {
    "索引损坏": damaged_index,
    "磁盘写满": full_disk,
    "磁盘只读": read_only_disk,
    "权限不对": wrong_permissions,
    "缓存损坏": damaged_cache,
    "没有缓存": no_cache,
}
