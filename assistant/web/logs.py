"""Logs as one JSON object a line, with personal numbers masked wherever they turn up.

Questions are not logged at all: the history keeps them, for a limited time and erasable, and a log file is neither.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from assistant.mask import mask

# uvicorn's access log is not among them: it would write query strings, and with them what people type. Start the server
# with ``log_config=None``; our own access line names route, status and time.
LOGGERS = ("assistant", "kb", "uvicorn.error")
# Attributes that every record has; all others were given as ``extra``.
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    """One record → one line: time, level, logger, event and the ``extra`` fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": mask(record.getMessage()),
        }
        line |= {key: _masked(value) for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["exception"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=True, default=str)


def configure_logs(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send the program's own records to a stream (standard error by default) as JSON; safe to call again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    for logger in map(logging.getLogger, LOGGERS):
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False


def _masked(value: object) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {str(key): _masked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item) for item in value]
    return value if isinstance(value, (bool, int, float, type(None))) else mask(str(value))
