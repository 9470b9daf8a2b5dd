"""What tests of the commands share: how one is run over the tiny corpus, and what a mistake looks like."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Zhida = Callable[..., Any]
ANSWERABLE = [
    {"id": "a1", "question": "月付怎么开通", "facts": ["F001"], "intent": "open", "style": "plain", "expect": "answer"},
    {"id": "a2", "question": "月付怎么关掉", "entries": ["close"]},
]
UNANSWERABLE = [{"id": "u1", "question": "花呗怎么关闭", "kind": "other_product", "expect": "refuse"}]
DIALOGUES = [
    {"id": "d1", "turns": [{"user": "月付怎么还款", "facts": ["F020"]}, {"user": "你好", "expect": "smalltalk"}]}
]


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def failed(result: Any, said: str) -> None:
    """One Chinese sentence on standard error, nothing on standard output, status 1."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    (sentence,) = [line for line in result.stderr.splitlines() if line.strip() and "━" not in line]
    assert sentence.startswith("出错了：")
    assert said in sentence
    assert "Traceback" not in result.output
