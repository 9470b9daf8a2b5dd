from __future__ import annotations

from assistant.accounts import User
from assistant.web.pages import PLACES
from assistant.web.places import Place, head_of


def place(path: str, title: str, role: str) -> Place:
    return Place(path, title, role, lambda desk, head: None, "x.css")  # type: ignore[arg-type,return-value]


def test_the_head_links_to_what_the_user_may_open_and_says_where_one_is() -> None:
    places = (place("/staff", "检索", "staff"), place("/knowledge", "知识库", "editor"))
    head = head_of(places[0], places)
    for_staff, for_editor = head(User("bob", "staff")), head(User("<ann>", "editor"))
    assert '<a href="/staff/" aria-current="page">检索</a>' in for_staff and "/knowledge/" not in for_staff
    assert '<a href="/knowledge/">知识库</a>' in for_editor and "&lt;ann&gt;" in for_editor
    assert '<form method="post" action="/logout">' in for_staff


def test_every_closed_page_has_an_address_of_its_own() -> None:
    paths = [place.path for place in PLACES]
    assert len(set(paths)) == len(paths) and all(path.startswith("/") and path[1:].isidentifier() for path in paths)
