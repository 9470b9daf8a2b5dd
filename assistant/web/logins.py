"""The routes of logging in and out, and of one's own account."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from assistant.accounts import Accounts, User
from assistant.accounts.accounts import tidy
from assistant.web.access import COOKIE, LOGIN, logged_in
from assistant.web.origin import own
from assistant.web.plain import plain_page
from assistant.web.ratelimit import network_of
from assistant.web.throttle import LoginThrottle
from kb.errors import KbError, UsageError

LOGOUT, ACCOUNT = "/logout", "/account"
_DEVICE = "zhida_device"
_DEVICE_SECONDS = 180 * 86_400
_Text = Annotated[str, Form(max_length=200)]
_NAMES = {"staff": "客服", "editor": "编辑"}


def login_routes(accounts: Accounts, homes: Collection[str], throttle: LoginThrottle | None = None) -> APIRouter:
    """Make ``/login``, ``/logout`` and ``/account``.

    Args:
        accounts: who may log in.
        homes: paths of the closed pages that a login may lead to, the first by default.
        throttle: limits tries.

    """
    router, doors = APIRouter(include_in_schema=False), _Doors(accounts, tuple(homes), throttle or LoginThrottle())
    router.get(LOGIN)(doors.show)
    router.post(LOGIN)(doors.enter)
    router.post(LOGOUT)(doors.leave)
    router.get(ACCOUNT)(doors.account)
    router.post(ACCOUNT)(doors.change)
    return router


class _Doors:
    def __init__(self, accounts: Accounts, homes: tuple[str, ...], throttle: LoginThrottle) -> None:
        self._accounts = accounts
        self._homes = homes
        self._throttle = throttle

    def show(self, next: str = "") -> Response:  # noqa: A002 - the name in the address
        return self._page(self._home(next))

    def enter(self, request: Request, name: _Text = "", password: _Text = "", next: _Text = "") -> Response:  # noqa: A002
        home = self._home(next)
        if not own(request):
            return self._page(home, "请求来自别的网站，请在本页登录。", 403)
        try:
            wait = self._wait(request, name)
            if wait > 0:
                return self._page(home, f"试得太频繁，请 {math.ceil(wait)} 秒后再试。", 429)
            user = self._accounts.check(name, password)
            return self._page(home, "用户名或密码不对。", 401) if user is None else self._let_in(request, user, home)
        except KbError as error:
            return self._page(home, error.user_message, 503)

    def leave(self, request: Request) -> Response:
        answer = RedirectResponse(LOGIN, 303)
        if not own(request):
            return answer
        try:
            self._accounts.close_login(request.cookies.get(COOKIE, ""))
        except KbError as error:
            return self._page(self._homes[0], error.user_message, 503)
        answer.delete_cookie(COOKIE)
        return answer

    def account(self, request: Request) -> Response:
        try:
            user = logged_in(request, self._accounts)
        except KbError as error:
            return self._page(ACCOUNT, error.user_message, 503)
        if user is None:
            return RedirectResponse(f"{LOGIN}?next={ACCOUNT}", 303)
        return _account(user)

    def change(self, request: Request, password: _Text = "", fresh: _Text = "", again: _Text = "") -> Response:
        try:
            user = logged_in(request, self._accounts) if own(request) else None
            if user is None:
                return self._page(ACCOUNT, "请先登录。", 401)
            return self._changed(request, user, password, (fresh, again))
        except KbError as error:
            return self._page(ACCOUNT, error.user_message, 503)

    def _changed(self, request: Request, user: User, password: str, fresh: tuple[str, str]) -> Response:
        if self._wait(request, user.name) > 0 or self._accounts.check(user.name, password) is None:
            return _account(user, "现在的密码不对，或试得太频繁，请稍后再试。", 401)
        if fresh[0] != fresh[1]:
            return _account(user, "两次输入的新密码不一样，请重新输入。", 422)
        try:
            self._accounts.set_password(user.name, fresh[0])
        except UsageError as error:
            return _account(user, error.user_message, 422)
        return self._let_in(request, user, self._homes[0])

    def _wait(self, request: Request, name: str) -> float:
        token = request.cookies.get(_DEVICE, "")
        device = token if token and self._accounts.knows_device(name, token) else ""
        address = network_of(request.client.host if request.client else "")
        return self._throttle.take(address=address, account=tidy(name), device=device)

    def _let_in(self, request: Request, user: User, home: str) -> Response:
        answer = RedirectResponse(home, 303)
        secure = request.url.scheme == "https"
        token, device = self._accounts.open_login(user.name), self._accounts.remember_device(user.name)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)
        answer.set_cookie(
            _DEVICE, device, max_age=_DEVICE_SECONDS, path=LOGIN, httponly=True, samesite="strict", secure=secure
        )
        return answer

    def _home(self, wanted: str) -> str:
        """Go nowhere but to our own pages, whatever the address says."""
        return wanted if wanted in (*self._homes, ACCOUNT) else self._homes[0]

    def _page(self, home: str, problem: str = "", status: int = 200) -> Response:
        return plain_page("login.html", status, problem=problem, next=home)


def _account(user: User, problem: str = "", status: int = 200) -> Response:
    return plain_page("account.html", status, name=user.name, role=_NAMES[user.role], problem=problem)
