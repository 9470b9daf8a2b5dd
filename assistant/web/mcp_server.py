"""The knowledge base as tools for agents (Model Context Protocol), over HTTP at ``/mcp``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio.to_thread
from mcp.server.fastmcp import Context, FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings

from assistant.web.api_models import LONGEST_BODY
from assistant.web.service import Service
from assistant.web.visit import LONGEST_QUESTION
from kb.errors import KbError

PATH = "/mcp"
OWNER = "zhida_owner"
_ABOUT = (
    "知答是中文知识库问答助手。ask 直接回答一个问题；search 列出最相近的条目、原文和校准过的概率，"
    "probability 很低时说明知识库里没有，请不要据此编造答案。"
)
_LOCAL = ("127.0.0.1", "localhost", "[::1]")
_KEPT = ("decision", "text", "entries", "citations", "confidence", "understood_as", "followups", "session")


def mcp_server(service: Service, *, local: bool) -> FastMCP[Any]:
    """Make the server; run its ``session_manager`` while requests are handled.

    Args:
        service: answers and searches.
        local: whether callers need no key, so that only this machine's own names are accepted as host: a web page
            elsewhere must not reach it by a name that it lets point here.

    """
    names = [f"{name}:*" for name in _LOCAL]
    hosts = TransportSecuritySettings(
        enable_dns_rebinding_protection=local,
        allowed_hosts=[*names, *_LOCAL],
        allowed_origins=[f"http://{name}" for name in (*names, *_LOCAL)],
    )
    server: FastMCP[Any] = FastMCP(
        "zhida",
        _ABOUT,
        streamable_http_path="/",
        json_response=True,
        stateless_http=True,
        max_request_body_size=LONGEST_BODY,
        transport_security=hosts,
        log_level="WARNING",
    )
    _add_tools(server, service)
    return server


def _add_tools(server: FastMCP[Any], service: Service) -> None:
    @server.tool(title="检索知识库")
    async def search(question: str, limit: int = 5) -> dict[str, Any]:
        """检索知识库：返回最相近的条目（标题、原文、依据的事实）和它能回答该问题的概率。"""  # noqa: D400, D415 - read by agents, in Chinese
        return await _called(lambda: service.search(_checked(question), min(max(limit, 1), 20)))

    @server.tool(title="提问")
    async def ask(question: str, context: Context[Any, Any, Any], session: str = "") -> dict[str, Any]:
        """用知识库回答一个问题，附出处；带上上一次返回的 session 可以接着问。"""  # noqa: D400, D415
        request = context.request_context.request
        owner = str(request.scope.get(OWNER, "")) if request is not None else ""
        answer = await _called(lambda: service.ask(_checked(question), session or None, owner))
        return {name: answer[name] for name in _KEPT}


async def _called(action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Work in a thread, since the event loop serves everybody; our own errors reach the agent in Chinese."""
    try:
        return await anyio.to_thread.run_sync(action)
    except KbError as error:
        raise ToolError(error.user_message) from error


def _checked(question: str) -> str:
    if not 1 <= len(question.strip()) <= LONGEST_QUESTION:
        raise ToolError(f"问题不能为空，最多 {LONGEST_QUESTION} 个字。")
    return question
