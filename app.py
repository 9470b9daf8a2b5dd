"""Builds the web app and launches it: ``python app.py [--host H] [--port P] [--corpus DIR] [--store DIR]``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from assistant.web import serve
from kb.errors import KbError
from kb.paths import shipped_corpus
from kb.workspace import Workspace


def main() -> int:
    """Serve until interrupted; return the exit status."""
    options = _options()
    try:
        workspace = Workspace(
            options.corpus,
            options.store,
            vectors=os.environ.get("ZHIDA_VECTORS", ""),
            progress=_progress,
            threads=os.cpu_count() or 1,
        )
        serve(workspace, host=options.host, port=options.port, say=_say)
    except KbError as error:
        _say(f"出错了：{error.user_message}")
        return 1
    except KeyboardInterrupt:
        _say("已停止。")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="启动知答网页服务")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址；0.0.0.0 对全网开放（默认 127.0.0.1）")
    parser.add_argument("--port", type=int, default=7860, help="端口（默认 7860）")
    parser.add_argument("--corpus", type=Path, default=shipped_corpus(), help="知识库文件夹")
    parser.add_argument("--store", type=Path, default=Path(".store"), help="索引存放的文件夹（默认 .store）")
    return parser.parse_args()


def _progress(phrase: str, share: float) -> None:
    sys.stderr.write(f"\r{phrase} {share:.0%}" + ("\n" if share >= 1 else ""))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
