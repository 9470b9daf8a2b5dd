"""The store: built versions of an index, one of them current, switched in one atomic step.

::

    STORE/CURRENT                 the id of the version that serves
    STORE/versions/<id>/          index files, manifest.json (written last)
    STORE/versions/.new-*         a build in progress; never opened, swept by the next one
    STORE/parsed/                 see :mod:`kb.parsed`

A reader opens the current version once and keeps it; a later switch does not touch what it reads. Vectors may lie
elsewhere (:mod:`kb.vectors`): they are there before the manifest is, and gone before it goes.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from kb.dense import VectorIndex
from kb.errors import KbError, StaleError, StoreError, UsageError
from kb.index import Index
from kb.manifest import MANIFEST, check_files, digest_of, read_manifest, sealed, write_whole
from kb.vectors import FolderVectors, Place, VectorStore, place_of

SCHEMA = 6
_CURRENT = "CURRENT"
_UNFINISHED = ".new-"
_KEPT_VERSIONS = 10
_SWITCH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Version:
    """One built index on disk with its manifest."""

    id: str
    folder: Path
    manifest: Mapping[str, object]
    vectors: VectorStore = field(default_factory=FolderVectors, compare=False, repr=False)

    def dense(self) -> VectorIndex:
        """Open its vectors.

        Raises:
            StoreError: they are missing, damaged or out of reach.
            UsageError: they lie in a database whose address was not given.
        """
        return self.vectors.open(self.folder, place_of(self.manifest))


class Store:
    """Versions of an index under one folder.

    Args:
        folder: where.
        vectors: keeps the vectors of new versions.
    """

    def __init__(self, folder: Path, vectors: VectorStore | None = None) -> None:
        self.folder = folder
        self.vectors = vectors or FolderVectors()
        self._versions = folder / "versions"

    def current(self) -> Version:
        """Open the version that serves.

        Raises:
            StoreError: nothing is built yet, or the version is damaged.
            StaleError: it was written by another release of this program.
        """
        return self.open(self.current_id())

    def current_id(self) -> str:
        """Id of the version that serves; cheap enough to ask before every reply."""
        try:
            return (self.folder / _CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise StoreError(
                f"no index in {self.folder}", user_message=f"{self.folder} 里还没有索引，请先运行 zhida build。"
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(
                f"cannot read {self.folder}: {error}",
                user_message=f"读不了索引文件夹 {self.folder}，请检查权限，或运行 zhida build 重建。",
            ) from error

    def serving(self) -> str:
        """Id of the version that serves, whole or not; "" where none does."""
        try:
            return self.current_id()
        except StoreError:
            return ""

    def open(self, version: str) -> Version:
        """Open a version by id and check every file against its manifest."""
        folder = self._versions / version
        manifest = read_manifest(folder)
        if manifest.get("schema") != SCHEMA:
            raise StaleError(
                f"{folder} has schema {manifest.get('schema')}",
                user_message="索引由另一版本的程序建成，请运行 zhida build 重建。",
            )
        check_files(folder, manifest)
        return Version(version, folder, manifest, self.vectors)

    def peek(self, version: str) -> tuple[Path, Mapping[str, object]]:
        """Folder and manifest of a version, without a look at its files: enough to list many.

        Raises:
            StoreError: there is no such whole version.
        """
        folder = self._versions / Path(version).name
        return folder, read_manifest(folder)

    def versions(self) -> list[str]:
        """Ids of all whole versions, oldest first."""
        return sorted(path.parent.name for path in self._versions.glob(f"[!.]*/{MANIFEST}"))

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Give an empty folder to build a version in; one writer at a time.

        Raises:
            StoreError: another process is building, or the disk does not take the folder. What the builder writes
                into it is the builder's to guard, see :func:`writable`.
        """
        with self._alone():
            with writable(self.folder):
                self._sweep()
                folder = self._versions / f"{_UNFINISHED}{self._stamp(datetime.now(UTC))}-{secrets.token_hex(3)}"
                folder.mkdir()
            try:
                yield folder
            finally:
                self._clear(folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time build; another one is told at once."""
        lock = FileLock(self.folder / ".lock", timeout=0)
        try:
            self._versions.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise StoreError(
                "another build is running", user_message="另一个进程正在建索引，请等它结束后再试。"
            ) from error
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        try:
            yield
        finally:
            lock.release()

    def keep_vectors(self, folder: Path, index: Index) -> Place:
        """Keep the vectors of what is being built; tell where, for its manifest.

        Raises:
            StoreError: they could not be written.
        """
        return self.vectors.save(_name(folder), folder, index)

    def commit(self, folder: Path, manifest: Mapping[str, object], *, switch: bool = True) -> Version:
        """Seal a built folder as a version and, unless told otherwise, let it serve.

        Raises:
            StoreError: the disk does not take it.
        """
        created, name = datetime.now(UTC), _name(folder)
        target = self._versions / name
        with writable(self.folder):
            files = {path.name: digest_of(path) for path in sorted(folder.iterdir())}
            whole = {"schema": SCHEMA, "created": created.isoformat(timespec="seconds"), **manifest, "files": files}
            whole = sealed(whole)
            write_whole(folder / MANIFEST, json.dumps(whole, ensure_ascii=False, indent=1))
            folder.rename(target)
        if switch:
            with self._pointing():
                self._point(name)
        return Version(name, target, whole, self.vectors)

    def switch(self, version: str, *, since: str | None = None) -> None:
        """Let a version serve from now on.

        Args:
            version: its id; every file of it is checked first.
            since: the version that the caller judged it against, "" for none; None switches whatever serves now.

        Raises:
            StoreError: there is no such whole version, another one has begun to serve since, or the disk does not
                take the change.
        """
        self.open(version)
        with self._pointing():
            if since is not None and self.serving() != since:
                raise StoreError(
                    f"{self.serving()} serves, not {since}",
                    user_message="刚才有别人发布或换回了另一个版本，这次没有改动。请对照现在的版本再试一次。",
                )
            self._point(version)

    @contextmanager
    def _pointing(self) -> Iterator[None]:
        """Let one process at a time move the pointer; that takes a moment, so the next one waits."""
        try:
            with FileLock(self.folder / ".switch.lock", timeout=_SWITCH_SECONDS):
                yield
        except Timeout as error:
            raise StoreError("the pointer is locked", user_message="另一个进程正在切换版本，请稍后再试。") from error
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def _point(self, version: str) -> None:
        for leftover in self.folder.glob(f".{_CURRENT}.*"):
            leftover.unlink(missing_ok=True)
        before = self.serving()
        self.vectors.serve(self._place(version))
        try:
            write_whole(self.folder / _CURRENT, version)
        except OSError:
            with suppress(KbError):
                self.vectors.serve(self._place(before))
            raise
        self._drop_old(keep=version)

    def _place(self, version: str) -> Place:
        return place_of(read_manifest(self._versions / version))

    def _stamp(self, now: datetime) -> str:
        """Time to the microsecond, so that names sort in the order of building; also where the clock was set back."""
        stamp, newest = f"{now:%Y%m%dT%H%M%S%f}", max(self.versions(), default="").partition("-")[0]
        if stamp > newest:
            return stamp
        day, _, clock = newest.partition("T")
        return f"{day}T{int(clock or 0) + 1:012}"

    def discard(self, version: str) -> None:
        """Remove a version that was built but is not to serve; the one that serves stays.

        Raises:
            UsageError: the version serves, or its vectors lie in a database whose address was not given.
            StoreError: its vectors are out of reach, or it cannot be told what serves.
        """
        if (self.folder / _CURRENT).exists() and version == self.current_id():
            raise UsageError(f"{version} serves", user_message="这个版本正在服务，不能丢弃。")
        self.vectors.drop(self._versions / Path(version).name)
        shutil.rmtree(self._versions / Path(version).name, ignore_errors=True)

    def _sweep(self) -> None:
        """Clear what builds and removals that were cut short have left; the caller holds the lock of writers."""
        debris = [path for path in self._versions.glob("[!.]*") if not (path / MANIFEST).exists()]
        for leftover in [*debris, *self._versions.glob(f"{_UNFINISHED}*")]:
            self._clear(leftover)

    def _clear(self, folder: Path) -> None:
        """Remove what is no version; the folder stays for the next sweep while what it keeps elsewhere cannot go."""
        with suppress(KbError):
            self.vectors.drop(folder)
            shutil.rmtree(folder, ignore_errors=True)

    def _drop_old(self, keep: str) -> None:
        for version in self.versions()[:-_KEPT_VERSIONS]:
            if version != keep:
                # without its manifest it is no version any more, however far the removal gets
                with suppress(OSError):
                    (self._versions / version / MANIFEST).unlink()
                self._clear(self._versions / version)


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Write files of the store in here.

    Raises:
        StoreError: the disk does not take them.
    """
    try:
        yield
    except OSError as error:
        raise _unwritable(folder, error) from error


def _name(folder: Path) -> str:
    """Id of the version that is being built in a folder."""
    return folder.name.removeprefix(_UNFINISHED)


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"cannot write the store: {error}",
        user_message=f"写不了索引文件夹 {folder}：{error.strerror}。旧索引不受影响。",
    )
