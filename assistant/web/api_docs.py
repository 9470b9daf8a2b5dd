"""The documentation page of the HTTP interface, written from its OpenAPI description; loads nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.web.files import asset
from assistant.web.markup import escape

Schema = Mapping[str, Any]


def docs_page(schema: Schema) -> str:
    """Write the page.

    Args:
        schema: the OpenAPI description as FastAPI gives it.

    """
    parts = "".join(
        _operation(schema, method.upper(), path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    )
    head = f"<h1>{escape(schema['info']['title'])}</h1><p>{escape(schema['info']['description'])}</p>"
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>知答 · 接口说明</title><style>{asset('docs.css')}</style></head><body><main>{head}"
        f'<p>机器可读的版本：<a href="/openapi.json">/openapi.json</a></p>{parts}</main></body></html>'
    )


def _operation(schema: Schema, method: str, path: str, operation: Schema) -> str:
    summary, about = operation.get("summary", ""), operation.get("description", "")
    tables = (
        _table("参数", _parameters(operation)),
        _table("请求", _fields(schema, operation.get("requestBody", {}))),
        _table("返回", _fields(schema, operation["responses"].get("200", {}))),
        _table("失败", _failures(operation)),
    )
    return (
        f"<section><h2><code>{method}</code> <code>{escape(path)}</code> {escape(summary)}</h2>"
        f"<p>{escape(about)}</p>{_example(schema, method, path, operation)}{''.join(tables)}</section>"
    )


def _table(title: str, rows: Iterator[tuple[str, str, str]]) -> str:
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(kind)}</td><td>{escape(about)}</td></tr>"
        for name, kind, about in rows
    )
    return f"<table><caption>{title}</caption><tbody>{lines}</tbody></table>" if lines else ""


def _parameters(operation: Schema) -> Iterator[tuple[str, str, str]]:
    for parameter in operation.get("parameters", ()):
        needed = "必填" if parameter.get("required") else "可不填"
        yield parameter["name"], needed, parameter.get("description", "")


def _fields(schema: Schema, body: Schema) -> Iterator[tuple[str, str, str]]:
    """Name, type and meaning of each field of a JSON body, those of nested objects after their own."""
    content = body.get("content", {}).get("application/json", {}).get("schema", {})
    yield from _properties(schema, content, "")


def _properties(schema: Schema, part: Schema, prefix: str) -> Iterator[tuple[str, str, str]]:
    model = _resolved(schema, part)
    for name, field in model.get("properties", {}).items():
        yield prefix + name, _kind(schema, field), field.get("description", "")
        inner = field.get("items", {})
        if "$ref" in inner:
            yield from _properties(schema, inner, f"{prefix}{name}[].")


def _resolved(schema: Schema, part: Schema) -> Schema:
    if "$ref" not in part:
        return part
    model: Schema = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return model


_KINDS = {
    "string": "文字",
    "integer": "整数",
    "number": "数",
    "boolean": "是否",
    "array": "列表",
    "object": "对象",
    "null": "空",
}


def _kind(schema: Schema, field: Schema) -> str:
    choices = field.get("anyOf") or [field]
    kinds = [_KINDS.get(_resolved(schema, choice).get("type", "object"), "") for choice in choices]
    return " 或 ".join(dict.fromkeys(kinds))


def _failures(operation: Schema) -> Iterator[tuple[str, str, str]]:
    for status, reply in operation["responses"].items():
        if status != "200":
            yield status, "", reply.get("description", "")


def _example(schema: Schema, method: str, path: str, operation: Schema) -> str:
    """Give the call as a curl command, if the description has an example for it."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = _resolved(schema, content.get("schema", {})).get("example")
    if method == "POST" and example is None:
        return ""
    body = escape(json.dumps(example, ensure_ascii=False))
    data = f" -H 'Content-Type: application/json' -d '{body}'" if example else ""
    return f"<pre>curl -s 'http://127.0.0.1:7860{escape(path)}'{data}</pre>"
