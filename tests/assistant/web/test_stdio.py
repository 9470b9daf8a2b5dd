"""An agent starts ``zhida mcp`` as its own program and speaks to it through pipes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from assistant.history import FILE, History, sqlite_url

_ROOT = Path(__file__).parents[3]


@pytest.mark.anyio
async def test_an_agent_that_starts_the_program_asks_and_searches(tmp_path: Path) -> None:
    program = str(Path(__file__).with_name("stdio_process.py"))
    server = StdioServerParameters(
        command=sys.executable, args=[program, str(tmp_path)], env={**os.environ, "PYTHONPATH": str(_ROOT)}
    )
    async with stdio_client(server) as pipes, ClientSession(*pipes) as agent:
        await agent.initialize()
        found = await agent.call_tool("search", {"question": "抖音月付怎么开通", "limit": 1})
        answer = await agent.call_tool("ask", {"question": "抖音月付怎么开通"})
        refused = await agent.call_tool("ask", {"question": " "})

    assert found.structuredContent is not None and found.structuredContent["hits"][0]["entry"] == "open"
    assert answer.structuredContent is not None and answer.structuredContent["decision"] == "answer"
    assert refused.isError
    history = History(sqlite_url(tmp_path / "store" / FILE), retention_days=90)
    assert [turn.question for turn in history.recent()] == ["抖音月付怎么开通"]
    history.close()
