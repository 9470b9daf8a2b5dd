"""The closed pages: where each is, what it is called, and the role it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gradio as gr

from assistant.accounts import Role, User
from assistant.web.access import user_of
from assistant.web.logins import ACCOUNT, LOGOUT
from assistant.web.markup import escape
from assistant.web.ports import Desk

# Says who is logged in and links to the pages that this user may open.
Head = Callable[[User], str]


@dataclass(frozen=True, slots=True)
class Place:
    """One closed page.

    Attributes:
        path: where it is mounted, without a slash at the end.
        title: its name in the links between the pages.
        role: what a user needs.
        build: makes the page; ``head`` is to be shown at its top when it loads by :func:`show_head`.
        css: name of its style sheet in ``assets/``.
        upload: size in bytes of the largest file that the page takes; 0 keeps it from taking and giving any.
        office: whether the page needs :attr:`assistant.web.ports.Desk.office`; it is not mounted where there is none.

    """

    path: str
    title: str
    role: Role
    build: Callable[[Desk, Head], gr.Blocks]
    css: str
    upload: int = 0
    office: bool = False

    @property
    def home(self) -> str:
        """Address of the page itself."""
        return f"{self.path}/"


def head_of(place: Place, places: Sequence[Place]) -> Head:
    """Make the top of a page: its title, links to the other pages, who is logged in, the way out."""

    def head(user: User) -> str:
        links = "".join(_link(other, other is place) for other in places if user.may(other.role))
        return (
            f'<div class="zd-place"><h1>知答 · {escape(place.title)}</h1><nav aria-label="页面">{links}</nav>'
            f'<a href="{ACCOUNT}">{escape(user.name)}</a>'
            f'<form method="post" action="{LOGOUT}"><button class="zd-button zd-link">退出登录</button></form></div>'
        )

    return head


def show_head(page: gr.Blocks, head: Head, top: gr.HTML) -> None:
    """Fill the top of a page whenever somebody opens it; call it within the page's block."""

    def shown(request: gr.Request) -> str:
        return head(user_of(request))

    page.load(shown, None, top, api_visibility="private", show_progress="hidden")


def _link(place: Place, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    return f'<a href="{place.home}"{mark}>{escape(place.title)}</a>'
