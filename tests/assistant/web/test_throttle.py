from __future__ import annotations

from assistant.web.throttle import LoginThrottle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def tries(
    throttle: LoginThrottle, count: int, *, address: str = "1.2.3.4", device: str = "", account: str = "ann"
) -> int:
    waits = [throttle.take(address=address, account=account, device=device) for _ in range(count)]
    return sum(wait == 0 for wait in waits)


def test_an_address_is_slowed_down_and_gets_another_try_later() -> None:
    clock = Clock()
    throttle = LoginThrottle(clock)
    assert tries(throttle, 20) == 8
    clock.now += 16
    assert tries(throttle, 20) == 1


def test_an_address_is_slowed_down_over_all_accounts() -> None:
    throttle = LoginThrottle(Clock())
    assert sum(tries(throttle, 1, account=f"user{number}") for number in range(20)) == 8


def test_an_account_is_slowed_down_over_all_addresses() -> None:
    throttle = LoginThrottle(Clock())
    assert sum(tries(throttle, 4, address=f"1.2.3.{number}") for number in range(20)) == 30


def test_one_stranger_cannot_lock_an_account() -> None:
    clock = Clock()
    throttle = LoginThrottle(clock)
    for _ in range(600):
        clock.now += 1
        throttle.take(address="6.6.6.6", account="ann", device="")
    assert tries(throttle, 1, address="1.2.3.4") == 1


def test_many_strangers_cannot_lock_out_a_device_that_the_account_knows() -> None:
    throttle = LoginThrottle(Clock())
    for number in range(100):
        tries(throttle, 1, address=f"1.2.3.{number}")
    assert tries(throttle, 1, address="9.9.9.9") == 0
    assert tries(throttle, 1, address="9.9.9.9", device="known") == 1
    assert tries(throttle, 20, device="known") == 7
