"""What is deleted through the interface stays deleted, whatever is being answered meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

import pytest
from api_fakes import FakeAssistant, history_in

from assistant.history import History
from assistant.records import Answer, State
from assistant.web.service import Backend, Service
from assistant.web.sessions import Sessions


class Slow(FakeAssistant):
    """Replies when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.free = Event(), Event()
        self.free.set()

    def reply(self, state: State | None, text: str, *, now: float) -> tuple[State, Answer]:
        self.asked.set()
        assert self.free.wait(10)
        return super().reply(state, text, now=now)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with history_in(tmp_path) as opened:
        yield opened


def test_a_reply_that_is_being_made_leaves_no_record_behind_a_deletion(history: History) -> None:
    assistant = Slow()
    service = Service(Backend(lambda: assistant, history))
    session = str(service.ask("第一问", None, "")["session"])
    assistant.asked.clear()
    assistant.free.clear()
    with ThreadPoolExecutor(2) as pool:
        asking = pool.submit(service.ask, "第二问", session, "")
        assert assistant.asked.wait(10)
        erasing = pool.submit(service.erase, session)
        wait([erasing], 0.2)  # it would be done by now if it did not wait for the reply
        assistant.free.set()
        assert asking.result(10)["decision"] == "answer" and erasing.result(10) == 2
    assert history.recent() == []


def test_of_a_conversation_that_is_deleted_before_its_reply_begins_nothing_is_recorded(history: History) -> None:
    sessions = Sessions()
    service = Service(Backend(FakeAssistant, history), sessions=sessions)
    session = sessions.open(None, "", 0.0)
    service.erase(session.id)
    sessions.open = lambda *_: session  # type: ignore[method-assign]  # who asked had found it open
    assert service.ask("怎么开通", session.id, "")["decision"] == "answer"
    assert history.recent() == []
