"""A web worker as `zhida serve --no-office` starts it, with a fake encoder: ``worker_process.py CORPUS STORE HISTORY VECTORS``.

Prints its address. A line on its input lets an editor, who has tools of an office's own, publish what has changed in the
corpus; the version is printed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Thread

# The project before the tests: a folder of tests has the name of a package.
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from fakes import FakeEmbedder

from assistant.history import History
from assistant.web import serve
from assistant.web.office import open_office
from kb.workspace import Workspace


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def publish(space: Workspace, history: str) -> None:
    publisher = open_office(space, History(history, retention_days=90), lambda: space.open().searcher).publisher
    for _ in sys.stdin:
        candidate = publisher.prepare("编辑", lambda phrase, share: None)
        publisher.publish(candidate.version, "编辑")
        say(f"published {candidate.version}")


if __name__ == "__main__":
    corpus, store, history, vectors = sys.argv[1:]
    space = Workspace(Path(corpus), Path(store), vectors=vectors)
    space._embedder = FakeEmbedder()
    Thread(target=publish, args=(space, history), daemon=True).start()
    serve(space, host="127.0.0.1", port=0, history_url=history, office=False, say=say)
