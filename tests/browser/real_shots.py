"""The pictures of the README, taken of the whole thing as it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from page_fakes import ASKED
from test_chat_page import box, expect, greeted, replies, say


def take(open_page: Callable[..., Any], url: str, shot: Callable[[Any, str], object]) -> None:
    """Ask on a desktop and open the source; ask with a typo on a phone in the dark."""
    desktop = open_page(viewport={"width": 1200, "height": 800})
    desktop.goto(url)
    greeted(desktop)
    say(desktop, ASKED)
    expect(replies(desktop)).to_have_count(2)
    expect(box(desktop)).to_have_value("")
    desktop.locator(".zd-cite").first.click()
    expect(desktop.locator("#zd-panel mark").first).to_be_in_viewport()
    desktop.wait_for_timeout(500)
    shot(desktop, "readme-desktop")
    phone = open_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
    phone.goto(url)
    greeted(phone)
    say(phone, "月服怎么关")
    expect(replies(phone)).to_have_count(2)
    phone.wait_for_timeout(500)
    shot(phone, "readme-phone-dark")
