"""Past runs: one JSON file each, written whole, never changed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kb.errors import StoreError, UsageError
from kb.manifest import write_whole


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation that was kept.

    Attributes:
        id: unique, in order of time.
        time: when it was kept, ISO 8601 in UTC.
        version: of the index that was asked.
        identity: what else tells runs apart without a version control system: digests of corpus, model, test set.
        report: the JSON report.

    """

    id: str
    time: str
    version: str
    identity: Mapping[str, str]
    report: Mapping[str, object]


class RunHistory:
    """Runs under one folder, ``<time>-<random>.json`` each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def append(
        self, report: Mapping[str, object], *, version: str, identity: Mapping[str, str], now: datetime | None = None
    ) -> Run:
        """Keep a report.

        Args:
            report: the JSON report.
            version: id of the index version that was asked.
            identity: digests by name.
            now: the present, with its time zone; the clock's by default.

        Raises:
            StoreError: the folder cannot be written.

        """
        at = (now or datetime.now(UTC)).astimezone(UTC)
        name = f"{at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"
        run = Run(name, at.isoformat(timespec="seconds"), version, dict(identity), report)
        data = {"time": run.time, "version": version, "identity": dict(identity), "report": report}
        try:
            self._write(run.id, json.dumps(data, ensure_ascii=True, indent=1))
        except OSError as error:
            raise StoreError(
                f"cannot keep the run: {error}", user_message=f"评测记录写不进 {self._folder}：{error.strerror}。"
            ) from error
        return run

    def _write(self, name: str, text: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._folder / f"{name}.json", text)

    def keep_page(self, run: str, page: str) -> None:
        """Keep the HTML report of a run beside it.

        Raises:
            StoreError: the folder cannot be written.

        """
        try:
            write_whole(self._folder / f"{run}.html", page)
        except OSError as error:
            raise StoreError(
                f"cannot keep the report: {error}", user_message=f"评测报告写不进 {self._folder}：{error.strerror}。"
            ) from error

    def page(self, run: str) -> str:
        """Give the HTML report of a run, "" where none was kept.

        Raises:
            UsageError: there is no such run.

        """
        if run not in self.ids():
            raise UsageError(f"no run {run}", user_message=f"没有编号为 {run} 的评测记录。")
        path = self._folder / f"{run}.html"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def ids(self) -> list[str]:
        """Ids of all runs, oldest first; none where the folder does not exist."""
        return sorted(path.stem for path in self._folder.glob("[!.]*.json"))

    def load(self, run: str) -> Run:
        """Read one run.

        Raises:
            UsageError: there is no such run.
            StoreError: its file is damaged.

        """
        if run not in self.ids():
            raise UsageError(f"no run {run}", user_message=f"没有编号为 {run} 的评测记录。")
        data = _read(self._folder / f"{run}.json")
        identity, report = data.get("identity"), data.get("report")
        if not isinstance(identity, Mapping) or not isinstance(report, Mapping):
            raise _damaged(self._folder / f"{run}.json")
        known = {str(name): str(value) for name, value in identity.items()}
        return Run(run, str(data.get("time", "")), str(data.get("version", "")), known, report)

    def runs(self) -> tuple[Run, ...]:
        """All runs, oldest first."""
        return tuple(self.load(run) for run in self.ids())


def load_report(path: Path) -> Mapping[str, object]:
    """Read a JSON report that ``zhida eval --json`` wrote, or a kept run's.

    Raises:
        UsageError: there is no such file, or it is no report.

    """
    if not path.is_file():
        raise UsageError(f"no file {path}", user_message=f"没有找到评测结果 {path}，请检查路径。")
    try:
        data = _read(path)
    except StoreError as error:
        raise UsageError(str(error), user_message=f"{path.name} 不是评测结果（zhida eval --json 的输出）。") from error
    report = data.get("report", data)
    if not isinstance(report, Mapping) or not isinstance(report.get("rows"), list):
        raise UsageError(f"{path}: no rows", user_message=f"{path.name} 不是评测结果：里面没有 rows。")
    return report


def _read(path: Path) -> Mapping[str, object]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(data, Mapping):
        raise _damaged(path)
    return data


def _damaged(path: Path) -> StoreError:
    return StoreError(f"damaged run {path}", user_message=f"评测记录 {path.name} 已损坏，请删除它后重试。")
