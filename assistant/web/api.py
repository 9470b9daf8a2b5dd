"""The HTTP interface: routes under ``/api`` and ``/metrics``. What they do is in :class:`Service`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web import api_models as models
from assistant.web.access_log import AccessLog
from assistant.web.api_docs import docs_page
from assistant.web.api_errors import install_error_handlers, need_key, too_fast
from assistant.web.api_keys import ApiKeys
from assistant.web.body_limit import LONGEST_EVENT, BodyLimit
from assistant.web.files import asset
from assistant.web.mcp_server import OWNER, mcp_server
from assistant.web.mcp_server import PATH as MCP
from assistant.web.prometheus import CONTENT_TYPE
from assistant.web.ratelimit import TokenBuckets, network_of
from assistant.web.security import SecurityHeaders
from assistant.web.service import Service

_ABOUT = "知答：中文知识库问答。回答、检索与反馈。失败时返回 {error, message}，message 是可以直接给用户看的中文。"


@dataclass(frozen=True, slots=True)
class Limits:
    """Rate limit for each visitor (API key, or address without keys): ``burst`` at once, then ``rate`` a second."""

    rate: float = 5.0
    burst: int = 30


@dataclass(frozen=True, slots=True)
class _Gate:
    service: Service
    keys: ApiKeys | None
    buckets: TokenBuckets


def create_app(
    service: Service,
    *,
    keys: ApiKeys | None = None,
    limits: Limits | None = None,
    frame_ancestors: Iterable[str] = ("'self'",),
) -> FastAPI:
    """Make the app that serves the interface; mount the Gradio pages on it afterwards.

    Args:
        service: the actions behind the routes.
        keys: who may call; None lets everyone in. See :func:`assistant.web.api_keys.keys_for`.
        limits: how often each may call.
        frame_ancestors: who may embed the pages.

    """
    wanted = limits or Limits()
    agents = mcp_server(service, local=keys is None)
    agents_app = agents.streamable_http_app()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with agents.session_manager.run():
            yield

    # FastAPI's own docs pages load scripts from another site; ours is ``/docs``.
    app = FastAPI(title="知答 API", description=_ABOUT, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.zhida = _Gate(service, keys, TokenBuckets(wanted.rate, wanted.burst))
    install_error_handlers(app)
    app.include_router(_open)
    app.include_router(_guarded)
    app.router.routes.append(Route(MCP, _KeyedApp(app, agents_app), methods=["POST"]))
    app.add_middleware(BodyLimit, limit=models.LONGEST_BODY, page_limit=LONGEST_EVENT)
    app.add_middleware(AccessLog, metrics=service.metrics)
    # No other site's script may read anything; without this, Gradio lets every origin in on any host but localhost.
    app.add_middleware(CORSMiddleware, allow_origins=())
    app.add_middleware(SecurityHeaders, frame_ancestors=tuple(frame_ancestors))
    return app


class _KeyedApp:
    """Lets callers with a valid key, and not too many calls, through to an app; tells it who calls."""

    def __init__(self, owner_app: FastAPI, inner: ASGIApp) -> None:
        self._owner_app = owner_app
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        owner = _admit(Request(scope), self._owner_app.state.zhida)
        await self._inner({**scope, "path": "/", "root_path": "", OWNER: owner}, receive, send)


def _gate(request: Request) -> _Gate:
    gate: _Gate = request.app.state.zhida
    return gate


def _admit(request: Request, gate: Annotated[_Gate, Depends(_gate)]) -> str:
    """Name of the caller's key, "" where no key is needed.

    Raises:
        ApiError: no valid key, or too many requests.

    """
    owner = _owner(request, gate.keys) if gate.keys is not None else ""
    host = request.client.host if request.client else ""
    wait = gate.buckets.take(f"key {owner}" if owner else network_of(host), time.monotonic())
    if wait > 0:
        gate.service.metrics.count("zhida_rate_limited_total")
        raise too_fast(wait)
    return owner


def _owner(request: Request, keys: ApiKeys) -> str:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    key = bearer.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    owner = keys.name_of(key) if key else None
    if owner is None:
        raise need_key()
    return owner


_Gated = Annotated[_Gate, Depends(_gate)]
_Owner = Annotated[str, Depends(_admit)]
_FAILURES: dict[int | str, dict[str, object]] = {
    status: {"model": models.ErrorOut, "description": text}
    for status, text in {
        401: "需要有效的 API 密钥",
        413: "请求太大",
        422: "参数不对",
        429: "提问太快",
        503: "暂时无法回答",
    }.items()
}
_open = APIRouter(tags=["状态"])
_guarded = APIRouter(tags=["问答"], responses=_FAILURES, dependencies=[Depends(_admit)])


@_guarded.post("/api/ask", summary="提问", response_model=models.AnswerOut)
def _ask(body: models.AskIn, gate: _Gated, owner: _Owner) -> Response:
    """带上上一次返回的 session 可以接着问；不带则开始新会话。"""  # noqa: D400, D415 - shown in OpenAPI, in Chinese
    return JSONResponse(gate.service.ask(body.question, body.session, owner))


@_guarded.post("/api/search", summary="检索知识库", response_model=models.SearchOut)
def _search(body: models.SearchIn, gate: _Gated) -> Response:
    """与问答使用同一个索引、同一个概率，不经过对话。"""  # noqa: D400, D415
    return JSONResponse(gate.service.search(body.question, body.limit))


@_guarded.post("/api/feedback", summary="评价回答", response_model=models.FeedbackOut)
def _feedback(body: models.FeedbackIn, gate: _Gated, owner: _Owner) -> Response:
    """只能评价自己会话里的回答；再评一次会覆盖上一次。"""  # noqa: D400, D415
    gate.service.feedback(body.session, owner, body.value, body.reason, body.turn)
    return JSONResponse({"message": "已记录，谢谢。"})


@_guarded.get("/api/suggest", summary="补全问题", response_model=models.SuggestOut)
def _suggest(
    gate: _Gated,
    prefix: Annotated[str, Query(max_length=100, description="已经输入的字")],
    limit: Annotated[int, Query(ge=1, le=20, description="最多返回几条")] = 8,
) -> Response:
    """按已经输入的字给出知识库里的问法。"""  # noqa: D400, D415
    return JSONResponse({"suggestions": gate.service.suggest(prefix, limit)})


@_open.get(
    "/api/health",
    summary="健康状态",
    response_model=models.HealthOut,
    responses={503: {"model": models.HealthOut, "description": "不能回答"}},
)
def _health(gate: _Gated) -> Response:
    """索引、模型、会话历史各自的状态；不需要密钥。"""  # noqa: D400, D415
    report = gate.service.health()
    return JSONResponse(report, 503 if report["status"] == "down" else 200)


@_open.get("/api/version", summary="版本", response_model=models.VersionOut)
def _version(gate: _Gated) -> Response:
    """程序与索引的版本；不需要密钥。"""  # noqa: D400, D415
    return JSONResponse(gate.service.versions())


@_guarded.post("/api/history/export", summary="导出一位访客的记录", response_model=models.VisitorOut)
def _export(body: models.VisitorIn, gate: _Gated) -> Response:
    """把这个会话留下的全部记录交还给它的主人。"""  # noqa: D400, D415
    return JSONResponse(gate.service.export(body.session))


@_guarded.post("/api/history/erase", summary="删除一位访客的记录", response_model=models.ErasedOut)
def _erase(body: models.VisitorIn, gate: _Gated) -> Response:
    """删除这个会话留下的全部记录，不能恢复。"""  # noqa: D400, D415
    return JSONResponse({"turns": gate.service.erase(body.session)})


@_open.get("/docs", include_in_schema=False)
def _docs(request: Request) -> Response:
    return HTMLResponse(docs_page(request.app.openapi()))


@_open.get("/widget.js", include_in_schema=False)
def _widget() -> Response:
    return Response(asset("widget.js"), media_type="text/javascript; charset=utf-8")


@_guarded.get("/metrics", include_in_schema=False)
def _metrics(gate: _Gated) -> Response:
    return Response(gate.service.metrics_text(), media_type=CONTENT_TYPE)
