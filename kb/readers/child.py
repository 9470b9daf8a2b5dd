"""The limited process that parses Office files, PDF and HTML: ``python -m kb.readers.child KIND PATH``.

Prints one JSON object: ``{"result": …}`` or ``{"fault": code}``. Whatever else a parser raises ends the process, and
the parent takes that for a damaged file; a crash here cannot hurt the parent.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from kb.readers.faults import ReaderFault

MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 60
# Only the parser that is wanted is imported: each brings a library along, and together they take most of the time.
_MODULES = {"docx": "word", "pdf": "pdf", "xlsx": "excel", "html": "web"}


def main(kind: str, path: str) -> None:
    """Parse one file under limits of memory, processor time and written bytes."""
    parser = import_module(f"kb.readers.{_MODULES[kind]}")
    _limit()
    try:
        answer = {"result": parser.parse(Path(path))}
    except ReaderFault as fault:
        answer = {"fault": fault.code}
    sys.stdout.write(json.dumps(answer))


def _limit() -> None:
    if sys.platform == "win32":  # no such limits there; the parent's timeout still holds
        return
    import resource

    for which, amount in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, ceiling = resource.getrlimit(which)
        amount = amount if ceiling == resource.RLIM_INFINITY else min(amount, ceiling)
        resource.setrlimit(which, (amount, amount))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
