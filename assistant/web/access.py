"""Who may use the staff pages: whoever knows the access code that lies in the store folder."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.files import asset
from kb.errors import StoreError

CODE_FILE = "staff-code.txt"
COOKIE = "zhida_staff"
_HOURS = 12
_TRIES = 8
_TRIES_SECONDS = 60.0


def access_code(store: Path) -> str:
    """Read the access code; the first call makes it, in a file that only its owner may read.

    Raises:
        StoreError: the folder takes no file, or the file holds no code.

    """
    path = store / CODE_FILE
    try:
        store.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write_new(path, secrets.token_urlsafe(12))
        code = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(
            f"cannot keep {path}: {error}", user_message=f"员工访问码文件 {path} 读写不了，请检查权限。"
        ) from error
    if len(code) < 8:
        raise StoreError(f"{path} holds no code", user_message=f"{path} 里的访问码太短，请删掉它再启动，会重新生成。")
    return code


def _write_new(path: Path, code: str) -> None:
    """Put a whole file in place; of two processes that start together, the first one's stays."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(code + "\n")
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


class Access:
    """Checks codes and signs the cookie that stands for a login.

    Args:
        code: the access code; changing it ends every login.
        clock: wall clock in seconds.

    """

    def __init__(self, code: str, clock: Callable[[], float] = time.time) -> None:
        self._code = code
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=_TRIES)

    @property
    def blocked(self) -> bool:
        """Whether too many wrong codes came in the last minute, from whomever."""
        full = len(self._failures) == _TRIES
        return full and self._clock() - self._failures[0] < _TRIES_SECONDS

    def admits(self, code: str) -> bool:
        """Compare a code in constant time; wrong ones are counted."""
        right = hmac.compare_digest(code.strip().encode("utf-8", "replace"), self._code.encode())
        if not right:
            self._failures.append(self._clock())
        return right

    def cookie(self) -> str:
        """Sign a login that ends in twelve hours."""
        until = str(int(self._clock()) + _HOURS * 3600)
        return f"{until}.{self._sign(until)}"

    def valid(self, cookie: str) -> bool:
        """Tell whether a cookie is ours and not yet over."""
        until, _, signature = cookie.partition(".")
        genuine = hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(until).encode())
        return genuine and until.isdecimal() and int(until) > self._clock()

    def _sign(self, text: str) -> str:
        return hmac.new(self._code.encode(), f"staff:{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class Gate:
    """Lets nothing through to a mounted app without a login: no page, no file, no event."""

    def __init__(self, app: ASGIApp, access: Access, login: str) -> None:
        self._app = app
        self._access = access
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http" or self._access.valid(Request(scope).cookies.get(COOKIE, "")):
            await self._app(scope, receive, send)
        else:
            await self._refusal(Request(scope))(scope, receive, send)

    def _refusal(self, request: Request) -> Response:
        if request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(self._login, 303)
        return JSONResponse({"error": "请先登录"}, 401)


def login_routes(access: Access, home: str) -> APIRouter:
    """Make the login page and the logout below ``home``."""
    router = APIRouter(include_in_schema=False)

    @router.get(home)
    def enter_by_name() -> Response:
        return RedirectResponse(f"{home}/")

    @router.get(f"{home}/login")
    def show() -> HTMLResponse:
        return _page("")

    @router.post(f"{home}/login")
    def enter(request: Request, code: Annotated[str, Form(max_length=200)] = "") -> Response:
        if access.blocked:
            return _page("试错次数太多，请一分钟后再试。", 429)
        if not access.admits(code):
            return _page("访问码不对，请核对后重新输入。", 401)
        answer = RedirectResponse(f"{home}/", 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(
            COOKIE, access.cookie(), max_age=_HOURS * 3600, path=home, httponly=True, samesite="strict", secure=secure
        )
        return answer

    @router.get(f"{home}/logout")
    def leave() -> Response:
        answer = RedirectResponse(f"{home}/login", 303)
        answer.delete_cookie(COOKIE, path=home)
        return answer

    return router


def _page(problem: str, status: int = 200) -> HTMLResponse:
    page = Template(asset("login.html")).substitute(problem=problem, file=CODE_FILE)
    return HTMLResponse(page, status, {"cache-control": "no-store"})
