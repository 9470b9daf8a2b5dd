"""The web: chat for customers, search for staff, the HTTP interface. Gradio is imported nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.web.api_keys import ApiKeys
    from kb.workspace import Workspace

__all__ = ["serve"]


def serve(
    workspace: Workspace,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    history_url: str = "",
    retention_days: int = 90,
    embed: Iterable[str] = (),
    keys: ApiKeys | None = None,
    office: bool = True,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Serve chat at ``/``, the closed pages such as ``/staff`` and the HTTP interface until interrupted.

    Args:
        workspace: what to answer from; a missing or stale index is built first, unless ``office`` is off.
        host: 127.0.0.1 serves this machine only; 0.0.0.0 the whole network.
        port: TCP port; 0 takes any that is free.
        history_url: SQLAlchemy URL of the history; "" keeps it in a file of the store.
        retention_days: turns of the history older than this are deleted, at the start and every day.
        embed: origins of the sites that may show the chat, e.g. ``https://help.example.com``.
        keys: who may call the HTTP interface; None takes those of ``api-keys.txt`` in the store, without which nobody
            gets in, except on 127.0.0.1, where everybody does.
        office: whether to serve the closed pages. Without them no account, no draft is opened and nothing is built or
            recovered: for the servers beside the one that does, see ``deploy/README.md``.
        say: tells whoever started it where things are.

    Raises:
        UsageError: the port is taken, or ``embed`` names no origin.
        StoreError: the accounts cannot be kept.

    """
    from assistant.web.scratch import own_scratch

    own_scratch(workspace.store.folder)
    from assistant.web.server import serve as run  # Gradio takes seconds to import: only for who serves

    run(
        workspace,
        host=host,
        port=port,
        history_url=history_url,
        retention_days=retention_days,
        embed=embed,
        keys=keys,
        office=office,
        say=say,
    )
