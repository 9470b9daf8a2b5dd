import gc
import weakref

import pytest

from kb.collector import paused, settle


def test_the_collector_runs_again_afterwards() -> None:
    assert gc.isenabled()
    with paused():
        assert not gc.isenabled()
        with paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_after_an_error_too() -> None:
    with pytest.raises(ValueError, match="x"), paused():
        raise ValueError("x")
    assert gc.isenabled()


class Version:
    """Holds itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_lives_is_left_alone_until_it_is_given_up() -> None:
    version = Version()
    seen = weakref.ref(version)
    settle()
    assert gc.get_freeze_count() > 0
    del version
    gc.collect()
    assert seen() is not None
    settle()
    assert seen() is None
