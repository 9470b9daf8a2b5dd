"""Closes pages to everybody who is not logged in with the role that they need."""

from __future__ import annotations

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.accounts import Accounts, Role, User
from assistant.web.origin import own
from assistant.web.plain import plain_page
from kb.errors import StoreError

COOKIE = "zhida_login"
LOGIN = "/login"


class Gate:
    """Lets nothing through to a mounted app without the role: no page, no file, no event.

    Who is let through stands in ``scope["user"]``, so that Starlette's and Gradio's ``request.user`` gives the
    :class:`User`; see :func:`user_of`.

    Args:
        app: the mounted app.
        accounts: who may log in.
        role: what a user needs.
        home: where the app is mounted; a login comes back to it.

    """

    def __init__(self, app: ASGIApp, accounts: Accounts, role: Role, home: str) -> None:
        self._app = app
        self._accounts = accounts
        self._role: Role = role
        self._home = home

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            app = await self._choose(scope)
            await app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _choose(self, scope: Scope) -> ASGIApp:
        request = Request(scope)
        if not own(request):
            return _foreign()
        try:
            user = await run_in_threadpool(logged_in, request, self._accounts)
        except StoreError as error:
            return _refusal(request, error.user_message, 503)
        if user is None:
            return self._login(request)
        if not user.may(self._role):
            return _refusal(request, "您的账号没有这一页的权限，请联系编辑调整角色。", 403)
        scope["user"] = user
        return self._app

    def _login(self, request: Request) -> Response:
        if _reads_pages(request):
            return RedirectResponse(f"{LOGIN}?next={quote(self._home)}", 303)
        return JSONResponse({"error": "unauthorised", "message": "请先登录"}, 401)


def logged_in(request: Request, accounts: Accounts) -> User | None:
    """Give who is logged in.

    Raises:
        StoreError: the accounts cannot be read.

    """
    token = request.cookies.get(COOKIE, "")
    return accounts.who(token) if token else None


def user_of(request: object) -> User:
    """Give who is logged in on a closed page.

    Args:
        request: the ``gr.Request`` of an event, or Starlette's.

    Raises:
        PermissionError: the page is mounted without a :class:`Gate`.

    """
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        raise PermissionError("no login: this page is not behind a gate")
    return user


def _foreign() -> Response:
    return JSONResponse({"error": "foreign_origin", "message": "请求来自别的网站，已拒绝。"}, 403)


def _refusal(request: Request, message: str, status: int) -> Response:
    if _reads_pages(request):
        return plain_page("notice.html", status, message=message)
    return JSONResponse({"error": "refused", "message": message}, status)


def _reads_pages(request: Request) -> bool:
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
