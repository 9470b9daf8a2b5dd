from concurrent.futures import ThreadPoolExecutor
from time import sleep

from assistant.web.sessions import Session, Sessions


def test_found_again_by_its_owner_only() -> None:
    sessions = Sessions()
    session = sessions.open(None, "shop", now=0)

    assert sessions.find(session.id, "shop", now=1) is session
    assert sessions.find(session.id, "bank", now=1) is None
    assert sessions.find(None, "shop", now=1) is None
    assert sessions.open(session.id, "bank", now=1).id != session.id


def test_only_our_own_ids_are_used() -> None:
    assert Sessions().open("chosen", "", now=0).id != "chosen"


def test_idle_ones_expire_and_used_ones_stay() -> None:
    sessions = Sessions(idle_seconds=10)
    idle, used = sessions.open(None, "", now=0), sessions.open(None, "", now=0)
    sessions.find(used.id, "", now=8)

    assert sessions.find(idle.id, "", now=11) is None
    assert sessions.find(used.id, "", now=18) is used
    assert len(sessions) == 1


def test_the_longest_unused_gives_way() -> None:
    sessions = Sessions(capacity=2)
    first, second = sessions.open(None, "", now=0), sessions.open(None, "", now=1)
    sessions.find(first.id, "", now=2)
    sessions.open(None, "", now=3)

    assert len(sessions) == 2
    assert sessions.find(first.id, "", now=4) is first
    assert sessions.find(second.id, "", now=4) is None


def test_threads_get_sessions_of_their_own() -> None:
    sessions = Sessions(capacity=500)
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: sessions.open(None, "", now=0).id, range(200)))

    assert len(ids) == len(sessions) == 200


def test_one_is_forgotten_after_the_reply_that_is_being_made_in_it() -> None:
    sessions = Sessions()
    session = sessions.open(None, "", now=0)
    with ThreadPoolExecutor(1) as pool:
        with session.lock:
            forgetting = pool.submit(sessions.forget, session.id)
            while len(sessions):
                sleep(0.001)
            assert not session.forgotten and not forgetting.done()
        forgetting.result(10)
    assert session.forgotten
    sessions.forget("unknown")


def test_turns_are_numbered_from_one_and_the_old_ones_leave() -> None:
    session = Session("id", "", 0)
    assert session.turn(None) is None
    for turn in (11, None, 13):
        session.add_turn(turn)

    assert [session.turn(number) for number in (0, 1, 2, 3, 4, None, -1)] == [None, 11, None, 13, None, 13, None]
    for turn in range(100, 160):
        session.add_turn(turn)
    assert (session.asked, len(session.turns)) == (63, 50)
    assert [session.turn(number) for number in (1, 13, 14, 63, None)] == [None, None, 110, 159, 159]
