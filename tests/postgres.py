"""A PostgreSQL server of the tests' own, on a Unix socket in a temporary folder; `conftest.py` makes it known to all."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest


def _programs() -> Path | None:
    """The newest folder that has the server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _user() -> str | None:
    """Whom the server runs as: it refuses to run as root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _run(*command: str | Path, user: str | None) -> None:
    subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL)  # noqa: S603 - PostgreSQL's own programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Give a maker of URLs, each of a new empty database."""
    programs = _programs()
    if programs is None:
        missing = "没有 PostgreSQL，请运行 tests/assistant/history/install_postgres.sh"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    user = _user()
    with tempfile.TemporaryDirectory(prefix="zhida-pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        if user is not None:
            shutil.chown(folder, user)
        _run(programs / "initdb", "-D", data, "-A", "trust", "-U", "zhida", "-E", "UTF8", "--no-sync", user=user)
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", Path(folder) / "log", "-o", options, "start", user=user)
        numbers = count()

        def database() -> str:
            name = f"test{next(numbers)}"
            _run(programs / "createdb", "-h", folder, "-U", "zhida", name, user=user)
            return f"postgresql+psycopg://zhida@/{name}?host={folder}"

        try:
            yield database
        finally:
            _run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop", user=user)
