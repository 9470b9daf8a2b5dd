"""A server without closed pages serves the chat alone, and opens no account."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.web.pages import PLACES, mount_pages
from assistant.web.places import Place
from assistant.web.ports import Desk
from kb.errors import StoreError


def nothing() -> Any:
    raise StoreError("none", user_message="还没有索引。")


async def mounted(store: Path, places: tuple[Place, ...]) -> FastAPI:
    app = FastAPI()
    mount_pages(app, Desk(nothing, store), places)
    return app


@pytest.mark.parametrize(("places", "status"), [((), 404), (PLACES[:1], 200)])
def test_without_closed_pages_there_is_no_login(tmp_path: Path, places: tuple[Place, ...], status: int) -> None:
    with TestClient(asyncio.run(mounted(tmp_path, places))) as web:
        assert web.get("/config").status_code == 200  # the chat
        assert (
            web.get("/account").status_code == web.get("/staff/", headers={"Accept": "text/html"}).status_code == status
        )
    assert list(tmp_path.iterdir()) == []
