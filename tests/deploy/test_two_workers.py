"""Two workers behind a proxy share versions and history; what a conversation needs is in the browser or sticks to one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from two_workers import Site, post, running, until
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.history import History
from kb.milvus.address import parse_address
from kb.milvus.client import Milvus
from kb.store import Store
from kb.vectors import place_of

QUESTION = "抖音月付怎么开通"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, postgres: Callable[[], str], milvus_url: str) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("site"), postgres()) as site:
        yield site


def ask(site: Site, question: str, conversation: str, session: str | None = None) -> dict[str, Any]:
    return post(f"{site.proxy}/api/ask", {"question": question, "session": session}, conversation)


def turns(site: Site) -> list[Any]:
    history = History(site.history, retention_days=90)
    try:
        return history.recent(1_000)
    finally:
        history.close()


def page(url: str, question: str, visit: dict[str, Any] | None) -> tuple[str, dict[str, Any]]:
    """Ask as the chat page does, whose visit is in the browser: the answer and the visit after it."""
    event = post(f"{url}/gradio_api/call/ask", {"data": [question, visit]})["event_id"]
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("GET", f"/gradio_api/call/ask/{event}")
    said = connection.getresponse().read().decode()
    connection.close()
    assert "event: complete" in said, said
    ((answer, after),) = json.loads(said.rpartition("data: ")[2])
    return str(answer), dict(after)


def test_conversations_are_shared_out_and_each_stays_with_its_worker(site: Site) -> None:
    before = len(turns(site))
    sessions = [ask(site, QUESTION, f"c{number}")["session"] for number in range(12)]
    again = [ask(site, "月付怎么关掉", f"c{number}", session)["session"] for number, session in enumerate(sessions)]

    assert again == sessions
    assert len(set(sessions)) == 12
    assert min(site.served[worker.url] for worker in site.workers) > 0
    assert len(turns(site)) - before == 24


def test_a_conversation_of_the_page_goes_on_at_the_other_worker(site: Site) -> None:
    one, other = (worker.url for worker in site.workers)
    _, visit = page(one, "抖音月付怎么还款", None)

    there, after = page(other, "第二步呢", visit)
    here, _ = page(one, "第二步呢", visit)

    assert there == here != page(one, "第二步呢", None)[0]
    assert [turn["question"] for turn in after["turns"]] == ["抖音月付怎么还款", "第二步呢"]
    kept = [turn for turn in turns(site) if turn.conversation == turns(site)[1].conversation]
    assert [turn.question for turn in reversed(kept)] == ["抖音月付怎么还款", "第二步呢", "第二步呢"]


def test_an_answer_of_one_worker_is_rated_where_the_conversation_is(site: Site) -> None:
    answer = ask(site, QUESTION, "rated")
    post(f"{site.proxy}/api/feedback", {"session": answer["session"], "value": 1}, "rated")

    assert turns(site)[0].rating == 1


def test_what_one_worker_publishes_both_serve_and_a_rollback_too(site: Site) -> None:
    milvus = Milvus(parse_address(site.vectors))
    old = Store(site.store).current_id()
    file = site.corpus / "faq" / "a.yaml"
    file.write_text(file.read_text("utf-8").replace("抖音月付怎么开通：以页面为准。", "换了新的说法。"), "utf-8")

    new = site.workers[0].publish()

    until(lambda: serving(site) == [new, new])
    assert all("换了新的说法" in said for said in replies(site))
    assert milvus.pointed("shared") == collection(site, new) != collection(site, old)

    options = [f"--store={site.store}", f"--vectors={site.vectors}"]
    assert CliRunner().invoke(app, ["rollback", "--index-only", *options]).exit_code == 0
    until(lambda: serving(site) == [old, old])
    assert not any("换了新的说法" in said for said in replies(site))
    assert milvus.pointed("shared") == collection(site, old)
    assert {turn.version for turn in turns(site)} == {old, new}


def serving(site: Site) -> list[str]:
    """What each worker serves; asking is what makes it look."""
    replies(site)
    return [str(post(f"{worker.url}/api/version", {})["index"]) for worker in site.workers]


def replies(site: Site) -> list[str]:
    return [str(post(f"{worker.url}/api/ask", {"question": QUESTION})["text"]) for worker in site.workers]


def collection(site: Site, version: str) -> str:
    return str(place_of(Store(site.store).open(version).manifest)["collection"])


def test_a_worker_keeps_away_from_accounts(site: Site) -> None:
    for worker in site.workers:
        for path in ("/account", "/staff/", "/knowledge/"):
            assert status(f"{worker.url}{path}") == 404
        assert status(f"{worker.url}/") == 200
    assert not [path.name for path in site.store.iterdir() if path.name.startswith(("accounts", "editor-password"))]


def status(url: str) -> int:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("GET", urlsplit(url).path)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_doctor_finds_the_vectors(site: Site) -> None:
    options = [f"--corpus={site.corpus}", f"--store={site.store}", f"--vectors={site.vectors}"]
    result = CliRunner().invoke(app, ["doctor", *options])

    (line,) = [line for line in result.stdout.replace("\n", "").split("✓") if line.strip().startswith("向量：")]
    assert "Milvus（http://127.0.0.1" in line
    assert "别名 shared 指向它" in line
