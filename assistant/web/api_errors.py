"""Every failure of the HTTP interface as ``{"error", "message", "fields"?}``: a code, and Chinese for people."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kb.errors import KbError, UsageError

_log = logging.getLogger(__name__)

_STATUS = {
    400: ("bad_request", "请求体读不懂，应为 UTF-8 编码的 JSON。"),
    404: ("not_found", "没有这个接口，请查看 /docs。"),
    405: ("method_not_allowed", "这个接口不支持该请求方法，请查看 /docs。"),
}
_UNKNOWN = ("error", "请求未能完成，请稍后再试。")
# pydantic's error types → what to say; {field} and the names of its context may be used.
_FIELD_TEXTS = {
    "missing": "缺少 {field}。",
    "string_type": "{field} 应为文字。",
    "string_too_short": "{field} 不能为空。",
    "string_too_long": "{field} 最多 {max_length} 个字。",
    "string_unicode": "{field} 含有无法识别的字符。",
    "int_type": "{field} 应为整数。",
    "int_parsing": "{field} 应为整数。",
    "int_from_float": "{field} 应为整数。",
    "greater_than_equal": "{field} 不能小于 {ge}。",
    "less_than_equal": "{field} 不能大于 {le}。",
    "literal_error": "{field} 不是允许的值。",
    "json_invalid": "请求体不是合法的 JSON。",
    "model_attributes_type": "请求体应为 JSON 对象，Content-Type 应为 application/json。",
}


class ApiError(UsageError):
    """A request that is refused, with its HTTP status, code and headers."""

    def __init__(self, status: int, code: str, user_message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code, user_message=user_message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


def need_key() -> ApiError:
    """Refuse a request without a valid API key."""
    hint = "需要有效的 API 密钥：在请求头里带上 Authorization: Bearer <密钥>。"
    return ApiError(401, "unauthorized", hint, {"WWW-Authenticate": "Bearer"})


def too_fast(wait: float) -> ApiError:
    """Refuse a visitor who asks too often; ``wait`` in seconds."""
    seconds = max(1, math.ceil(wait))
    return ApiError(429, "too_many_requests", f"提问太快了，请 {seconds} 秒后再试。", {"Retry-After": str(seconds)})


def install_error_handlers(app: FastAPI) -> None:
    """Let the app answer every failure in our form."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(KbError, _failed)
    app.add_exception_handler(Exception, _broken)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    fields = [{"field": _field(problem), "message": _text(problem)} for problem in problems]
    message = "".join(dict.fromkeys(field["message"] for field in fields))
    return JSONResponse({"error": "invalid", "message": message, "fields": fields}, 422)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    code, message = _STATUS.get(status, _UNKNOWN)
    return JSONResponse({"error": code, "message": message}, status, headers=headers)


async def _failed(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, ApiError):
        return JSONResponse({"error": error.code, "message": error.user_message}, error.status, headers=error.headers)
    message = error.user_message if isinstance(error, KbError) else _UNKNOWN[1]
    if isinstance(error, UsageError):
        return JSONResponse({"error": "bad_request", "message": message}, 400)
    _log.error("request failed", extra={"reason": str(error)}, exc_info=error)
    return JSONResponse({"error": "unavailable", "message": message}, 503)


async def _broken(_request: Request, error: Exception) -> JSONResponse:
    """Own up to a fault of ours without saying what, and log it."""
    _log.error("unexpected error", exc_info=error)
    return JSONResponse({"error": "internal", "message": "程序出错了，已记入日志。请稍后再试。"}, 500)


def _field(problem: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in problem.get("loc", ())[1:] if not isinstance(part, int))


def _text(problem: Mapping[str, Any]) -> str:
    kind = str(problem.get("type"))
    field = _field(problem)
    if kind == "missing" and not field:
        kind = "model_attributes_type"
    return _FIELD_TEXTS.get(kind, "{field} 的格式不对。").format(field=field, **(problem.get("ctx") or {}))
