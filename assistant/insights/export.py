"""Tables for a spreadsheet, in which nothing that a customer typed is run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from kb.readers.cells import neutralise


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write CSV with a byte order mark, for Excel; formulas are neutralised."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([neutralise(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return "\ufeff" + stream.getvalue()
