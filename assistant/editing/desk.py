"""The tools of editing laid out over one workspace: for the web pages, and for commands that publish or take back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.editing.drafts import Drafts
from assistant.editing.errors import EditError
from assistant.editing.ledger import Ledger
from assistant.editing.publishing import Publisher
from assistant.editing.shelf import Shelf
from kb.workspace import Workspace

# Name of the ledger's file in the store.
LEDGER = "desk.sqlite"


@dataclass(frozen=True, slots=True)
class Tools:
    """See the classes; nothing is opened before it is used."""

    ledger: Ledger
    shelf: Shelf
    drafts: Drafts
    publisher: Publisher


def lay_out(
    workspace: Workspace, asked: Callable[[], Sequence[str]] = tuple, clock: Callable[[], float] = time.time
) -> Tools:
    """Lay the tools out; ``asked`` gives the most recent real questions, newest first."""
    ledger = Ledger(workspace.store.folder / LEDGER)
    shelf = Shelf(workspace.corpus_folder, workspace.parsed)
    drafts = Drafts(ledger, shelf, clock)
    return Tools(ledger, shelf, drafts, Publisher(workspace, ledger, drafts, shelf, asked, clock))


def previous_version(tools: Tools, current: str) -> str:
    """Id of the newest version older than the current one; one that nobody has decided on does not count.

    Raises:
        EditError: there is none.
    """
    older = [kept.version for kept in tools.publisher.versions() if kept.version < current]
    if not older:
        raise EditError("no older version", user_message="没有更早的版本可以回退。")
    return older[0]
