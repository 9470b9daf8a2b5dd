import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.web.ratelimit import TokenBuckets, network_of


def test_burst_then_rate_by_hand() -> None:
    buckets = TokenBuckets(rate=2, burst=2)

    assert [buckets.take("a", now) for now in (0, 0, 0, 0.25, 0.5, 0.5)] == [0, 0, 0.5, 0.25, 0, 0.5]
    assert buckets.take("b", 0.5) == 0


def test_waiting_as_told_is_enough() -> None:
    buckets = TokenBuckets(rate=0.3, burst=1)
    buckets.take("a", 0)

    assert buckets.take("a", buckets.take("a", 1) + 1 + 1e-9) == 0


@given(st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_never_more_than_burst_and_rate_allow(steps: list[float]) -> None:
    buckets, now, granted = TokenBuckets(rate=3, burst=4), 0.0, 0
    for step in steps:
        now += step
        granted += buckets.take("a", now) == 0

    assert granted <= 4 + 3 * now + 1e-6


def test_memory_is_bounded_and_a_clock_set_back_is_harmless() -> None:
    buckets = TokenBuckets(rate=1, burst=1, capacity=2)
    for visitor in "abc":
        buckets.take(visitor, 0)

    assert buckets.take("a", 0) == 0  # forgotten
    assert buckets.take("a", -5) > 0


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_network(host: str, network: str) -> None:
    assert network_of(host) == network
