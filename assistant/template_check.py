"""Reads every template without rendering it: does it compile, and is each of its variables one that somebody fills?

What a template is given is declared beside the code that gives it (:data:`assistant.compose.GIVEN`). The check follows
includes, imports and blocks, and the fields of our dataclasses: ``view.entry.anwser`` is found where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import jinja2
from jinja2 import nodes

from assistant.compose import GIVEN
from assistant.renderer import TEMPLATES, Renderer
from kb.lint import Finding

CODE = "template-variable"
_ALWAYS: Mapping[str, object] = dict.fromkeys(
    ("loop", "caller", "varargs", "kwargs", "range", "dict", "namespace"), Any
)

Scope = dict[str, object]


def check_templates(folder: Path = TEMPLATES) -> tuple[Finding, ...]:
    """Find the variables that nobody fills and the templates that do not compile, by file and line."""
    check = _Check(Renderer(jinja2.FileSystemLoader(folder)).environment, folder)
    names = set(check.environment.list_templates())
    for name in sorted(names):
        given = _given(name)
        if given is not None:
            check.template(name, dict(given))
    for name in names - check.visited:
        check.report(name, 1, "没有地方用到这个模板，文件名写错了吗？")
    return tuple(sorted(dict.fromkeys(check.findings), key=lambda item: (item.file, item.line)))


def _given(name: str) -> Mapping[str, object] | None:
    """What a template is given; None for a part that is only ever included."""
    return next((given for pattern, given in GIVEN.items() if name.startswith(pattern)), None)


class _Check:
    """Walks from the templates that are rendered through all that they draw in."""

    def __init__(self, environment: jinja2.Environment, folder: Path) -> None:
        self.environment = environment
        self.findings: list[Finding] = []
        self.visited: set[str] = set()
        self._folder = folder
        self._open: list[str] = []  # the template being walked is the last one

    def template(self, name: str, scope: Scope) -> None:
        """Walk a template with what it can see; what it sets is added to ``scope``."""
        if name in self._open:
            self.report(name, 1, "模板包含了它自己")
            return
        self._open.append(name)
        self.visited.add(name)
        try:
            source = (self._folder / name).read_text(encoding="utf-8")
            self.environment.compile(source, name)  # unknown filters and tests show only here
            self._body(self.environment.parse(source, name).body, scope)
        except jinja2.TemplateSyntaxError as error:
            self.report(name, error.lineno, f"模板写错了：{error.message}")
        except (OSError, UnicodeDecodeError) as error:
            self.report(name, 1, f"模板读不出来：{error}")
        self._open.pop()

    def report(self, name: str, line: int, message: str) -> None:
        """Keep a finding of a template."""
        self.findings.append(Finding("error", CODE, f"assistant/templates/{name}", line, message))

    def _body(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        for node in body:
            self._statement(node, scope)

    def _statement(self, node: nodes.Node, scope: Scope) -> None:
        match node:
            case nodes.For():
                inner = scope | _bound(node.target, _element(self._type(node.iter, scope)))
                self._body(node.body, inner)
                self._body(node.else_, scope)
            case nodes.Assign():
                scope |= _bound(node.target, self._type(node.node, scope))
            case nodes.AssignBlock():
                self._body(node.body, scope)
                scope |= _bound(node.target, str)
            case nodes.With():
                kinds = [self._type(value, scope) for value in node.values]
                pairs = zip(node.targets, kinds, strict=True)
                self._body(node.body, scope | {k: v for target, kind in pairs for k, v in _bound(target, kind).items()})
            case nodes.Macro():
                scope[node.name] = Any
                self._body(node.body, scope | {argument.name: Any for argument in node.args})
            case nodes.FromImport():
                self._draw_in(node.template, dict(scope))
                scope |= {name if isinstance(name, str) else name[1]: Any for name in node.names}
            case nodes.Extends():
                self._draw_in(node.template, scope)
            case nodes.Include():
                self._draw_in(node.template, dict(scope))
            case nodes.Expr():
                self._type(node, scope)
            case _:
                self._body(node.iter_child_nodes(), scope)

    def _draw_in(self, name: nodes.Expr, scope: Scope) -> None:
        self._type(name, scope)
        for template in self._named(name):
            self.template(template, scope)

    def _named(self, name: nodes.Expr) -> Iterator[str]:
        """Names a template expression can mean: itself, or all that begin with its constant part."""
        match name:
            case nodes.Const():
                yield str(name.value)
            case nodes.Concat(nodes=[nodes.Const(value=start), *_]):
                yield from self.environment.list_templates(filter_func=lambda other: other.startswith(str(start)))

    def _type(self, node: nodes.Node, scope: Scope) -> object:
        """Report the unfilled variables of an expression and give its type, Any where it cannot be told."""
        match node:
            case nodes.Name():
                if node.name not in scope and node.name not in _ALWAYS:
                    self.report(self._open[-1], node.lineno, f"变量「{node.name}」没有人填")
                return scope.get(node.name, Any)
            case nodes.Getattr():
                owner = self._type(node.node, scope)
                found = _attribute(owner, node.attr)
                if found is None:
                    self.report(
                        self._open[-1], node.lineno, f"「{_shown(owner)}」没有「{node.attr}」，这个变量没有人填"
                    )
                return Any if found is None else found
            case nodes.Getitem():
                self._type(node.arg, scope)
                return _element(self._type(node.node, scope))
        for child in node.iter_child_nodes():
            self._type(child, scope)
        return Any


def _bound(target: nodes.Node, kind: object) -> Scope:
    """Names that an assignment or a loop binds; a single one has the value's type."""
    if isinstance(target, nodes.Name):
        return {target.name: kind}
    return {name.name: Any for name in target.find_all(nodes.Name)}


def _element(kind: object) -> object:
    """Type of an item of ``tuple[X, ...]`` or of ``str``."""
    arguments = get_args(kind)
    return arguments[0] if get_origin(kind) is tuple and arguments[1:] == (Ellipsis,) else Any


def _attribute(owner: object, name: str) -> object | None:
    """Type of a field, Any where it cannot be told, None where there is no such field."""
    known = _without_none(owner)
    if is_dataclass(known) and name in {field.name for field in fields(known)}:
        hint: object = get_type_hints(known).get(name, Any)
        return hint
    plain = get_origin(known) or known
    return Any if plain is Any or not isinstance(plain, type) or hasattr(plain, name) else None


def _without_none(kind: object) -> object:
    left = [part for part in get_args(kind) if part is not NoneType]
    return left[0] if get_origin(kind) in (Union, UnionType) and len(left) == 1 else kind


def _shown(kind: object) -> str:
    return getattr(_without_none(kind), "__name__", str(kind))
