"""A signal → what the flag says, where the exception is raised, and to whom signals are handed back."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from etl.interruption import Interruption

BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@pytest.fixture(autouse=True)
def _handed_back() -> Iterator[None]:
    """Whatever happens within, the process's own handlers stand again afterwards."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@BOTH
def test_a_signal_is_raised_at_once_and_remembered(number: signal.Signals) -> None:
    here = Interruption()
    with here.listening():
        here.look()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        assert here.asked
        assert here.told.wait()
        with pytest.raises(KeyboardInterrupt):
            here.look()


@BOTH
def test_where_it_is_deferred_only_the_flag_says_so(number: signal.Signals) -> None:
    here = Interruption()
    with here.deferred():
        assert not here.asked
        os.kill(os.getpid(), number)
        assert here.told.wait()
        assert here.asked
        with pytest.raises(KeyboardInterrupt):
            here.look()


def test_deferred_ends_with_its_block() -> None:
    here = Interruption()
    with here.listening():
        with here.deferred(), here.deferred():
            pass
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_call_that_blocks_is_ended_also_where_signals_are_deferred() -> None:
    here = Interruption()
    with here.deferred():
        with pytest.raises(KeyboardInterrupt), here.breaking():
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)  # deferred again
        assert here.asked
    assert not here.asked


def test_one_that_came_just_before_ends_the_call_too() -> None:
    """It would not come again, and the call might block for ever."""
    here = Interruption()
    with here.deferred():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt), here.breaking():
            pytest.fail("the call was begun")


def test_who_listens_within_another_takes_nothing_away() -> None:
    here = Interruption()
    with here.listening():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        with here.listening():
            assert here.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_the_next_run_begins_without_the_flag() -> None:
    here = Interruption()
    for _ in range(2):
        with here.deferred():
            assert (here.asked, here.told.is_set()) == (False, False)
            os.kill(os.getpid(), signal.SIGINT)
            assert here.told.wait()


def test_another_thread_has_no_signals() -> None:
    here, came = Interruption(), []

    def listen() -> None:
        with here.listening(), here.deferred():
            came.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    other = threading.Thread(target=listen)
    other.start()
    other.join()
    assert came == [before]
