"""The staff's search over an index of its own, from what is typed and chosen to the HTML that is shown."""

from __future__ import annotations

import re

import pytest
from fakes import FakeEmbedder, entries, write_corpus

from assistant.reply import Assistant
from assistant.web.ports import Desk
from assistant.web.staff.filters import Wanted
from assistant.web.staff.finder import Finder
from kb.fusion import MAX_CANDIDATES
from kb.workspace import Workspace

ASKED = "月付在哪里缴费"
MANY = 2 * MAX_CANDIDATES


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Finder:
    """Far more entries fit the question than are ever candidates; those of one category do not."""
    folder = tmp_path_factory.mktemp("staff")
    near = [
        {"id": f"near{number}", "question": f"{ASKED}第{number}种", "answer": "看页面。", "category": "缴费"}
        for number in range(MANY)
    ]
    far = [
        {"id": f"far{number}", "question": f"头像怎样更换{number}", "answer": "看页面。", "category": "头像"}
        for number in range(3)
    ]
    far[0]["checked_on"] = "2026-11-10"
    space = Workspace(write_corpus(folder / "corpus", [*entries(), *near, *far]), folder / "store")
    space._embedder = FakeEmbedder()
    space.build()
    opened = space.open()
    desk = Desk(lambda: Assistant(opened.knowledge, opened.searcher), folder, clock=lambda: 1_795_000_000.0)
    return Finder(desk)


def shown(finder: Finder, **wanted: str) -> dict[str, str]:
    """Entries in order, with the probability that stands beside each."""
    html = finder.html(ASKED, Wanted(**wanted))
    return dict(re.findall(r"<small>([\w#-]+)</small>.*?zd-probability\">([\d.]+%)<", html))


def test_a_filter_shows_all_that_pass_it(finder: Finder) -> None:
    assert len(shown(finder)) == 10
    assert not {"far0", "far1", "far2"} & set(shown(finder))
    assert set(shown(finder, category="头像")) == {"far0", "far1", "far2"}
    assert list(shown(finder, category="头像", freshness="30 天内核对过")) == ["far0"]


def test_a_filter_changes_no_probability(finder: Finder) -> None:
    every, filtered = shown(finder), shown(finder, category="缴费")

    both = every.keys() & filtered.keys()
    assert next(iter(every)) == next(iter(filtered))
    assert len(filtered) == 10 and len(both) > 3
    assert {name: filtered[name] for name in both} == {name: every[name] for name in both}


def test_a_filter_that_nothing_passes(finder: Finder) -> None:
    assert "没有符合筛选的条目" in finder.html(ASKED, Wanted(category="头像", kind="amount"))


def test_nothing_typed(finder: Finder) -> None:
    assert finder.html("  ", Wanted(category="头像")) == ""
