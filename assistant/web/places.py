"""The closed pages: where each is, what it is called, and the role it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
        build: makes the page; see :func:`closed_page`.
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


@contextmanager
def closed_page(title: str, head: Head, *, at_once: int = 4, kept_seconds: int = 0) -> Iterator[gr.Blocks]:
    """Lay out a page within the block, below its head, which is filled whenever somebody opens the page.

    Args:
        title: of the browser's window.
        head: what stands at the top.
        at_once: how many events of a kind run at the same time.
        kept_seconds: after which uploaded files go; 0 where there are none.

    """
    cache = (kept_seconds, kept_seconds) if kept_seconds else None

    def shown(request: gr.Request) -> str:
        return head(user_of(request))

    page: gr.Blocks
    with gr.Blocks(title=f"知答 · {title}", analytics_enabled=False, delete_cache=cache) as page:
        top = gr.HTML()
        yield page
        page.load(shown, None, top, api_visibility="private", show_progress="hidden")
    page.queue(default_concurrency_limit=at_once, api_open=False)


def _link(place: Place, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    return f'<a href="{place.home}"{mark}>{escape(place.title)}</a>'
