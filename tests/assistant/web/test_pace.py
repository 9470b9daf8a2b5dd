from __future__ import annotations

from assistant.web.pace import Pace


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_visitor_who_asks_without_end_waits_and_another_does_not() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.take("a", "1.2.3.4") > 0 for _ in range(17)] == [False] * 15 + [True] * 2
    assert pace.take("b", "1.2.3.4") == 0
    clock.now += 1.01
    assert pace.take("a", "1.2.3.4") == 0


def test_made_up_visitors_share_what_their_address_may_ask() -> None:
    pace = Pace(Clock())
    granted = sum(pace.take(f"visitor{number}", "1.2.3.4") == 0 for number in range(400))
    assert granted == 150
    assert pace.take("other", "5.6.7.8") == 0
